// id: E02-child
// tries: to wait for a child that sleeps
// stops: [wall-limit]
// limits: {cpu_ms: 500, wall_ms: 700, memory_mib: 16}
// expect: [ILE]
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        sleep(20);
        _exit(0);
    }
    wait(NULL);
    fputs("BREACH: 20 seconds\n", stderr);
    puts("42");
}
