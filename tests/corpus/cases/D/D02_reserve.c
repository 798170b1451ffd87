// id: D02
// tries: nothing wrong, it reserves a huge range of addresses and touches none of it
// stops: [memory-limit]
// limits: {memory_mib: 16}
// expect: [AC]
#include <stdio.h>
#include <sys/mman.h>

int main(void) {
    // A guest with small page tables has no terabyte of addresses.
    size_t size = 1UL << 40;
    while (size >= 1UL << 36) {
        void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at != MAP_FAILED) {
            puts("42");
            return 0;
        }
        size /= 2;
    }
    perror("mmap");
    return 3;
}
