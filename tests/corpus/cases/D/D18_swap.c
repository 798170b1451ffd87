// id: D18
// tries: to have more than its memory by sending it to swap
// stops: [memory-limit, swap-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

int main(void) {
    for (int i = 0; i < 64; i++) {
        char *more = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED) return 3;
        memset(more, i + 1, 1 << 20);
        madvise(more, 1 << 20, MADV_PAGEOUT);
    }
    fputs("BREACH: 64 MiB, some of it in swap\n", stderr);
    puts("42");
}
