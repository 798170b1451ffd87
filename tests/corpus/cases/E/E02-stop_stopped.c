// id: E02-stop
// tries: to stop itself like from a terminal
// stops: [wall-limit]
// limits: {cpu_ms: 500, wall_ms: 700, memory_mib: 16}
// expect: [ILE]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    pid_t self = getpid();
    if (fork() == 0) {
        sleep(20);
        kill(self, SIGCONT);
        _exit(0);
    }
    raise(SIGSTOP);
    fputs("BREACH: 20 seconds\n", stderr);
    puts("42");
}
