// id: D01
// tries: to keep four times its memory on the heap
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
// reason: more memory than 16 MiB
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *volatile kept[64];

int main(void) {
    for (int i = 0; i < 64; i++) {
        kept[i] = malloc(1 << 20);
        if (!kept[i]) return 3;
        memset(kept[i], i + 1, 1 << 20);
    }
    fputs("BREACH: 64 MiB on the heap\n", stderr);
    puts("42");
}
