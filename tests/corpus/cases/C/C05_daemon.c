// id: C05
// tries: to leave a daemon behind when the answer is given
// stops: [kill-all, pid-namespace]
// limits: {cpu_ms: 1000, wall_ms: 4000, pids: 8}
// expect: [AC]
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            for (int signal_number = 1; signal_number < 65; signal_number++) signal(signal_number, SIG_IGN);
            for (int fd = 0; fd < 3; fd++) close(fd);
            for (int i = 0; i < 120; i++) sleep(1);
        }
        _exit(0);
    }
    wait(0);
    puts("42");
    return 0;
}
