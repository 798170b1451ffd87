// id: C17-child
// tries: to look as if the machine had been short of memory, killed by its child after it had used most of it
// stops: [kernel-counters]
// limits: {cpu_ms: 1000, memory_mib: 64, pids: 4}
// expect: [RTE]
// reason: "signal 9"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    size_t size = 52 << 20;
    char *much = malloc(size);
    memset(much, 1, size);
    fputs("Out of memory: Killed process\n", stderr);
    if (vfork() == 0) {
        kill(getppid(), SIGKILL);
        _exit(0);
    }
    for (;;) pause();
}
