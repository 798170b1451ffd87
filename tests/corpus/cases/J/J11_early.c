// id: J11-early
// tries: to print the answer and to end with success while a child computes on, whose time is nobody's
// stops: [cpu-of-the-group, kill-group]
// limits: {cpu_ms: 1000, wall_ms: 6000}
// expect: [TLE, WA]
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        setsid();
        while (clock() < 3 * CLOCKS_PER_SEC) {}
        puts("BRE" "ACH: 3 seconds of CPU time within 1");
        puts("42");
        return 0;
    }
    return 0;
}
