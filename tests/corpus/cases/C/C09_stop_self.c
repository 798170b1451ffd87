// id: C09-self
// tries: to last for ever without using time, stopped
// stops: [wall-timer, kill-all]
// limits: {cpu_ms: 1000, wall_ms: 1500, pids: 4}
// expect: [ILE]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        for (int i = 0; i < 40; i++) sleep(1);
        puts("BREACH: forty seconds\n42");
        fflush(stdout);
        kill(getppid(), SIGKILL);
        _exit(0);
    }
    for (;;) raise(SIGSTOP);
}
