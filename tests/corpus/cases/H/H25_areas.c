// id: H25
// tries: to have as many areas of memory as the kernel allows, to move them about, and to pass them on to many generations
// stops: [memory-limit, cpu-limit]
// limits: {cpu_ms: 1500, wall_ms: 5000}
// expect: [TLE, MLE, RTE]

#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    // Neighbours with different rights are areas of their own.
    int n = 0;
    static char *areas[70000];
    while (n < 70000) {
        areas[n] = mmap(0, 8192, n & 1 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (areas[n] == MAP_FAILED)
            break;
        n++;
    }
    // A chain of children, each with pages of its own and all with those of their ancestors.
    for (int depth = 0; depth < 12; depth++) {
        int child = fork();
        if (child < 0)
            break;
        if (child > 0) {
            wait(0);
            break;
        }
        for (int i = 0; i < n; i += 64)
            if (!(i & 1))
                *areas[i] = depth;
    }
    for (unsigned i = 0;; i = (i + 7) % (n ? n : 1)) {
        char *moved = mremap(areas[i], 8192, 8192, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
        if (moved != MAP_FAILED)
            munmap(moved, 8192);
        madvise(areas[i], 4096, MADV_DONTNEED);
        mprotect(areas[i], 4096, i & 2 ? PROT_READ : PROT_NONE);
    }
}
