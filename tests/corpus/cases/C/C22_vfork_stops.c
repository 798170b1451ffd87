// id: C22-stop
// tries: to be out of reach in a call that waits for its child, which is stopped
// stops: [wall-timer, kill-all]
// limits: {cpu_ms: 1000, wall_ms: 1500, pids: 8}
// expect: [ILE]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int helper = fork();
    if (helper == 0) {
        int stopped = getppid();
        sleep(40);
        puts("BREACH: forty seconds\n42");
        fflush(stdout);
        kill(stopped, SIGKILL);
        _exit(0);
    }
    // A chain of those who wait for each other.
    for (int i = 0; i < 4; i++)
        if (vfork() != 0) _exit(0);
    kill(getpid(), SIGSTOP);
    _exit(0);
}
