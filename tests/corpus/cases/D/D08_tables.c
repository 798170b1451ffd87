// id: D08
// tries: to use page tables as memory, with pages that are no memory themselves
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <stdio.h>
#include <sys/mman.h>

int main(void) {
    // Pages that are only read are all the same page of zeros, but each 2 MiB need a table of their own.
    size_t size = 32UL << 30;
    const volatile char *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return 3;
    char seen = 0;
    for (size_t i = 0; i < size; i += 2 << 20) seen |= at[i];
    fprintf(stderr, "BREACH: %zu page tables\n", size >> 21);
    puts(seen ? "0" : "42");
}
