// id: C05-many
// tries: to leave behind a crowd that forks for ever, so that a list of whom to kill is never complete
// stops: [kill-all, pid-namespace, pids-max]
// limits: {cpu_ms: 1000, wall_ms: 4000, pids: 32}
// repeat: 5
// expect: [AC]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 10; i++) {
        if (fork() == 0) {
            setsid();
            close(0), close(1), close(2);
            // Each generation is a moment, and there is no one who is there all the time.
            for (int generation = 0; generation < 4000; generation++) {
                if (fork() > 0) _exit(0);
                usleep(200);
            }
            _exit(0);
        }
    }
    usleep(20000);
    write(1, "42\n", 3);
    _exit(0);
}
