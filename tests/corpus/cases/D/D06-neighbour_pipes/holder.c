#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int ready[2], ends[2];
    char byte;
    if (pipe(ready)) return 3;
    // The kernel counts 16 pages for each pipe, empty or not, and shrinks them from 16384 pages on.
    for (int child = 0; child < 10; child++) {
        if (fork()) continue;
        for (int i = 0; i < 124 && !pipe(ends); i++) {}
        write(ready[1], "r", 1);
        pause();
    }
    for (int child = 0; child < 10; child++)
        if (read(ready[0], &byte, 1) != 1) return 4;
    if (pipe(ends)) return 5;
    fprintf(stderr, "own pipes have %d bytes now\n", fcntl(ends[1], F_GETPIPE_SZ));
    sleep(3);
    puts("42");
}
