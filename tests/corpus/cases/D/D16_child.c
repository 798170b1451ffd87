// id: D16
// tries: to have a child killed for its memory and to be accepted itself
// stops: [memory-limit, oom-counter]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
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
    int status = 0;
    waitpid(child, &status, 0);
    if (status == 0) fputs("BREACH: 64 MiB in a child\n", stderr);
    puts("42");
    fflush(stdout);
    _exit(0);
}
