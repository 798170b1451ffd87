// id: C04
// tries: to hide its CPU time by executing itself over and over
// stops: [cpu-limit]
// limits: {cpu_ms: 1000}
// expect: [TLE]
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    if (used.ru_utime.tv_sec + used.ru_stime.tv_sec >= 20) {
        puts("BREACH: 20 seconds of CPU time in many programs\n42");
        return 0;
    }
    execl("/proc/self/exe", "again", (char *)0);
    perror("execl");
    return argc > 100 ? argv[0][0] : 1;
}
