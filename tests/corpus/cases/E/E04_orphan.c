// id: E04
// tries: to have a grandchild compute that nobody waits for, and to answer while it lives
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 16}
// expect: [TLE]
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    int told[2];
    char byte;
    if (pipe(told)) return 3;
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            setsid();
            while (used() < 5) {}
            write(told[1], "d", 1);
            for (;;) pause();
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
    if (read(told[0], &byte, 1) != 1) return 4;
    fputs("BREACH: five seconds in a process that is nobody's\n", stderr);
    puts("42");
}
