// id: C09-group
// tries: to last for ever as a whole group of processes that is stopped, as from a terminal
// stops: [wall-timer, kill-all]
// limits: {cpu_ms: 1000, wall_ms: 1500, pids: 16}
// expect: [ILE]
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        for (int i = 0; i < 5; i++) fork();
        // Who forked is in the group too, and its parent is in the session: the default action stops them.
        for (;;) {
            kill(0, SIGTSTP);
            kill(0, SIGTTIN);
            kill(0, SIGTTOU);
            kill(0, SIGSTOP);
        }
    }
    for (int i = 0; i < 40; i++) sleep(1);
    kill(-leader, SIGKILL);
    puts("BREACH: forty seconds\n42");
    return 0;
}
