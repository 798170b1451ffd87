// id: C10-worker
// tries: to send signals to the worker, whose number it knows
// stops: [pid-namespace]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [AC]
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int worker = @WORKER_PID@;
    int signals[] = {0, SIGCONT, SIGWINCH, SIGURG, SIGSTOP};
    for (int i = 0; i < 5; i++) {
        // Not even whether it exists may be told.
        if (kill(worker, signals[i]) == 0 || errno != ESRCH) printf("BREACH: signal %d, error %d\n", signals[i], errno);
    }
    char path[40];
    snprintf(path, sizeof path, "/proc/%d", worker);
    if (access(path, F_OK) == 0) puts("BREACH: the worker is in /proc");
    puts("42");
    return 0;
}
