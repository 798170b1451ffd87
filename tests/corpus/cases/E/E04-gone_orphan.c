// id: E04-gone
// tries: to have grandchildren compute that have ended and been forgotten when it answers
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
    for (int round = 0; round < 8; round++) {
        int alive[2];
        char byte;
        if (pipe(alive)) return 3;
        pid_t child = fork();
        if (child == 0) {
            if (fork() == 0) {
                while (used() < 0.625) {}
                _exit(0);
            }
            _exit(0);
        }
        waitpid(child, NULL, 0);
        close(alive[1]);
        // Ends when the grandchild does.
        if (read(alive[0], &byte, 1)) return 4;
        close(alive[0]);
    }
    fputs("BREACH: five seconds in processes that are gone\n", stderr);
    puts("42");
}
