// id: D21-touched
// tries: to use all of a static array that is larger than its memory
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <stdio.h>

static volatile char array[64 << 20];

int main(void) {
    for (size_t i = 0; i < sizeof array; i += 4096) array[i] = 1;
    fputs("BREACH: 64 MiB of static memory\n", stderr);
    puts("42");
}
