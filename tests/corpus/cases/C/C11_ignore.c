// id: C11-ignore
// tries: to outlast its time by ignoring every signal
// stops: [cpu-limit, kill-all]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [TLE]
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CPU, &none);
    struct rusage used = {0};
    do {
        for (volatile int i = 0; i < 10000000; i++);
        getrusage(RUSAGE_SELF, &used);
    } while (used.ru_utime.tv_sec < 20);
    puts("BREACH: 20 seconds\n42");
    return 0;
}
