// id: C06
// tries: to have more read than what the program itself had written when it ended
// stops: [kill-all]
// limits: {cpu_ms: 1000, wall_ms: 4000, pids: 8}
// expect: [AC]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        usleep(200000);
        for (int i = 0; i < 1000; i++) {
            puts("BREACH: this came after the end");
            fflush(stdout);
            usleep(1000);
        }
        _exit(0);
    }
    puts("42");
    return 0;
}
