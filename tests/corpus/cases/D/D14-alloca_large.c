// id: D14-alloca
// tries: to have 64 MiB on the stack at once
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <alloca.h>
#include <stdio.h>

int main(void) {
    size_t size = 64 << 20;
    volatile char *at = alloca(size);
    for (size_t i = size; i > 0; i -= 4096) at[i - 1] = 1;
    fputs("BREACH: 64 MiB of stack\n", stderr);
    puts("42");
}
