// id: C10-parent
// tries: to stop its parent, so that nobody tells of its end, and then waits for ever
// stops: [uid-split, pid-namespace, wall-timer]
// limits: {cpu_ms: 1000, wall_ms: 1500, pids: 8}
// expect: [ILE]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int parent = getppid();
    if (kill(parent, SIGSTOP) == 0) {
        puts("BREACH: the parent took the signal\n42");
        return 0;
    }
    for (int i = 0; i < 40; i++) {
        kill(parent, SIGSTOP);
        sleep(1);
    }
    puts("BREACH: forty seconds\n42");
    return 0;
}
