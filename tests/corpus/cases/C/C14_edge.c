// id: C14-edge
// tries: to end by itself at the very moment when it is killed for its time
// stops: [pidfd-only]
// limits: {cpu_ms: 200, wall_ms: 4000, pids: 16}
// repeat: 10
// expect: [AC, TLE]
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct timespec used;
    write(1, "42\n", 3);
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    while (used.tv_nsec < 199500000 && used.tv_sec == 0);
    for (int i = 0; i < 20; i++)
        if (vfork() == 0) _exit(0);
    _exit(0);
}
