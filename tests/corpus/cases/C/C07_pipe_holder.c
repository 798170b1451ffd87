// id: C07
// tries: to hold up the judge by keeping its outputs open after the end
// stops: [kill-all, no-wait-for-eof]
// limits: {cpu_ms: 1000, wall_ms: 2000, pids: 8}
// expect: [AC]
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            for (int copies = 0; copies < 50; copies++) dup(1), dup(2);
            for (int seconds = 0; seconds < 120; seconds++) sleep(1);
            _exit(0);
        }
    }
    usleep(50000);
    puts("42");
    return 0;
}
