// id: D06-size
// tries: to enlarge a pipe
// stops: [filter]
// limits: {memory_mib: 16}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    if (pipe(ends)) return 3;
    for (int size = 1 << 17; size <= 1 << 20; size *= 2)
        if (fcntl(ends[1], F_SETPIPE_SZ, size) >= 0) fprintf(stderr, "BREACH: a pipe of %d bytes\n", size);
    if (fcntl(1, F_SETPIPE_SZ, 1 << 20) >= 0) fputs("BREACH: the output's pipe\n", stderr);
    if (fcntl(ends[1], F_GETPIPE_SZ) > 1 << 16) fputs("BREACH: the pipe is large\n", stderr);
    puts("42");
}
