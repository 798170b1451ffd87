// id: D16-group
// tries: to live on for a moment after its child was killed for their memory
// stops: [oom-group]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// needs: [v2]
// expect: [MLE]
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int status = 0;
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
    if (waitpid(child, &status, 0) == child) fprintf(stderr, "BREACH: alive, and the child's status is %d\n", status);
    puts("42");
}
