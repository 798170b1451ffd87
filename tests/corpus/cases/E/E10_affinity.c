// id: E10
// tries: to run where it was not put
// stops: [filter]
// limits: {memory_mib: 16}
// expect: [AC]
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    cpu_set_t given, wanted, now;
    if (sched_getaffinity(0, sizeof given, &given)) return 3;
    memset(&wanted, 0xff, sizeof wanted);
    // Where a slot has a processor of its own, the others are other slots'.
    if (!sched_setaffinity(0, sizeof wanted, &wanted)) fprintf(stderr, "BREACH: chooses its processors\n");
    if (sched_getaffinity(0, sizeof now, &now)) return 4;
    if (CPU_COUNT(&now) > CPU_COUNT(&given)) fprintf(stderr, "BREACH: %d processors instead of %d\n", CPU_COUNT(&now), CPU_COUNT(&given));
    // One by one, too.
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &given)) continue;
        CPU_ZERO(&wanted);
        CPU_SET(cpu, &wanted);
        if (!sched_setaffinity(0, sizeof wanted, &wanted)) fprintf(stderr, "BREACH: on processor %d\n", cpu);
    }
    puts("42");
}
