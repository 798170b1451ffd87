// id: C08
// tries: to collect more dead processes than its limit by never asking for their status
// stops: [pids-max]
// limits: {cpu_ms: 2000, pids: 16}
// expect: [AC]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int dead = 0;
    for (int tries = 0; tries < 4000 && dead < 1000; tries++) {
        int pid = vfork();
        if (pid == 0) _exit(0);
        dead += pid > 0;
    }
    if (dead >= 16) printf("BREACH: %d zombies\n", dead);
    puts("42");
    return 0;
}
