// id: D14
// tries: to let its stack grow without end
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <stdio.h>
#include <string.h>

static int __attribute__((noinline)) deeper(int depth) {
    volatile char frame[4096];
    frame[0] = frame[4095] = (char)depth;
    // Four times the limit is enough.
    if (depth == 16384) return frame[0];
    return deeper(depth + 1) + frame[4095] - frame[0];
}

int main(void) {
    int result = deeper(1);
    fprintf(stderr, "BREACH: 64 MiB of stack (%d)\n", result);
    puts("42");
}
