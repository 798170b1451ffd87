// id: E02-pause
// tries: to wait for a signal
// stops: [wall-limit]
// limits: {cpu_ms: 500, wall_ms: 700, memory_mib: 16}
// expect: [ILE]
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void awake(int number) { (void)number; }

int main(void) {
    signal(SIGALRM, awake);
    alarm(20);
    pause();
    fputs("BREACH: 20 seconds\n", stderr);
    puts("42");
}
