// id: C25-loader-worker
// tries: to have the worker's own program loaded, which is still the one of the process that executes this
// stops: [uid-split]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
#include <stdio.h>

const char loader[] __attribute__((section(".interp"), used)) = "/proc/self/exe";

int main(void) {
    puts("BREACH: it was started all the same\n42");
    return 0;
}
