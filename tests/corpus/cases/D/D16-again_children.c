// id: D16-again
// tries: to go on with one child after another, each killed for its memory, and never to be killed itself
// stops: [memory-watch]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int round = 0; round < 50; round++) {
        pid_t child = fork();
        if (child < 0) return 3;
        if (child == 0) {
            for (int i = 0; i < 64; i++) {
                char *volatile more = malloc(1 << 20);
                if (!more) _exit(1);
                memset(more, 1, 1 << 20);
            }
            _exit(0);
        }
        waitpid(child, NULL, 0);
        usleep(100000);
    }
    fputs("BREACH: fifty times the limit, over five seconds\n", stderr);
    puts("42");
}
