// id: E05-exec
// tries: to compute in thousands of programs that it starts anew each time
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 60000, memory_mib: 16}
// expect: [TLE]
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int count, char **words) {
    if (count > 1) {
        double end = used() + 0.001;
        while (used() < end) {}
        return 0;
    }
    struct rusage all;
    do {
        pid_t child = vfork();
        if (child == 0) {
            execl("/proc/self/exe", words[0], "work", NULL);
            _exit(1);
        }
        if (child > 0) waitpid(child, NULL, 0);
        getrusage(RUSAGE_CHILDREN, &all);
    } while (all.ru_utime.tv_sec + all.ru_stime.tv_sec < 5);
    fputs("BREACH: five seconds in small programs\n", stderr);
    puts("42");
}
