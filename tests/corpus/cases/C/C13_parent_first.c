// id: C13-answer
// tries: to be accepted by what a child prints after the program itself has ended with the wrong answer
// stops: [kill-all, exact-pid]
// limits: {cpu_ms: 1000, wall_ms: 3000, pids: 8}
// stdout: "41 42\n"
// expect: [WA]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    puts("41");
    fflush(stdout);
    if (fork() == 0) {
        usleep(300000);
        puts("42");
        fflush(stdout);
        fputs("BREACH: the child went on\n", stderr);
        sleep(20);
    }
    return 0;
}
