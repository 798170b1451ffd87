// id: C10-all
// tries: to kill everybody it may, and to find somebody who is not its own
// stops: [uid-split, pid-namespace]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [AC]
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    // Only with nobody else there is nobody to be killed.
    for (int number = 0; number < 65; number++)
        if (number != SIGCONT && kill(-1, number) == 0) printf("BREACH: signal %d reached somebody\n", number);
    int child = fork();
    if (child == 0) for (;;) pause();
    kill(-1, SIGKILL);
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) puts("the own child is alive");
    puts("42");
    return 0;
}
