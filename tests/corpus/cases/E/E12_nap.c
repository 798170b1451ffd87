// id: E12
// tries: nothing, it sleeps for a second; whoever sets the machine's clock meanwhile must not change what comes out
// stops: [monotonic-clock]
// limits: {cpu_ms: 500, wall_ms: 4000, memory_mib: 16}
// expect: [AC]
#include <stdio.h>
#include <time.h>

int main(void) {
    struct timespec second = {1, 0};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
    puts("42");
}
