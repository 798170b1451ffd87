// id: D09-processes
// tries: to be more processes than it may
// stops: [process-limit]
// limits: {memory_mib: 64, pids: 12}
// expect: [AC]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int alive = 1;
    for (; alive < 48; alive++) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) {
            pause();
            _exit(0);
        }
    }
    if (alive > 12) fprintf(stderr, "BREACH: %d processes\n", alive);
    if (alive < 2) return 3;
    puts("42");
}
