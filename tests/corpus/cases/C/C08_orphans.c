// id: C08-orphans
// tries: to use up the process numbers that the init has to free, with thousands of orphans that end
// stops: [init-reaps]
// limits: {cpu_ms: 3000, pids: 16}
// expect: [AC]
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 2000; i++) {
        int pid = -1;
        for (int tries = 0; pid < 0 && tries < 1000; tries++) {
            pid = fork();
            if (pid < 0) usleep(1000);
        }
        if (pid < 0) {
            printf("after %d orphans: no process any more\n", i);
            return 0;
        }
        if (pid == 0) {
            if (fork() == 0) usleep(100);
            _exit(i & 127);
        }
        waitpid(pid, 0, 0);
    }
    puts("42");
    return 0;
}
