// id: C13-cpu
// tries: to have its CPU time spent by children and their children, some of which are waited for and some not
// stops: [cpu-limit]
// limits: {cpu_ms: 1000, wall_ms: 20000, pids: 8}
// expect: [TLE]
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void spin(double seconds) {
    struct timespec used;
    do {
        for (volatile int i = 0; i < 100000; i++);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec + used.tv_nsec * 1e-9 < seconds);
}

int main(void) {
    int done[2];
    pipe(done);
    for (int i = 0; i < 40; i++) {
        int child = fork();
        if (child == 0) {
            close(done[0]);
            // Half of them end as orphans.
            if (i % 2 && fork() > 0) _exit(0);
            spin(0.5);
            _exit(0);
        }
        waitpid(child, 0, 0);
        usleep(1000);
    }
    close(done[1]);
    char byte;
    read(done[0], &byte, 1);
    puts("BREACH: 20 seconds of CPU time of others were free\n42");
    return 0;
}
