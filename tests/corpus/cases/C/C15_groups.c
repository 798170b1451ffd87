// id: C15
// tries: to be missed by the kill in groups, sessions and generations of its own
// stops: [kill-all, pid-namespace]
// limits: {cpu_ms: 1000, pids: 24}
// expect: [TLE]
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static void spin(void) {
    for (volatile long i = 0; i < 100000000000; i++);
    puts("BREACH: the loop came to its end\n42");
    fflush(stdout);
    _exit(0);
}

int main(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    for (int i = 0; i < 12; i++) {
        if (fork() > 0) continue;
        prctl(PR_SET_PDEATHSIG, 0);
        if (i % 3 == 0) setpgid(0, 0);
        if (i % 3 == 1) setsid();
        if (i % 2 && fork() > 0) _exit(0);
        if (i % 3 == 2) setsid();
        spin();
    }
    spin();
}
