// id: E02-pipe
// tries: to read what only it could write
// stops: [wall-limit]
// limits: {cpu_ms: 500, wall_ms: 700, memory_mib: 16}
// expect: [ILE]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void awake(int number) { (void)number; }

int main(void) {
    int ends[2];
    char byte;
    if (pipe(ends)) return 3;
    struct sigaction action = {.sa_handler = awake};
    sigaction(SIGALRM, &action, NULL);
    alarm(20);
    read(ends[0], &byte, 1);
    fputs("BREACH: 20 seconds\n", stderr);
    puts("42");
}
