// id: D15
// tries: to share four times its memory out among its children
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    int done[2], children = 0;
    char byte;
    if (pipe(done)) return 3;
    for (; children < 10; children++) {
        if (fork()) continue;
        // None of them alone is near the limit.
        char *volatile own = malloc(6 << 20);
        if (!own) _exit(1);
        memset(own, 1, 6 << 20);
        write(done[1], "d", 1);
        pause();
    }
    for (int i = 0; i < children; i++)
        if (read(done[0], &byte, 1) != 1) return 4;
    fputs("BREACH: 60 MiB in ten processes\n", stderr);
    puts("42");
}
