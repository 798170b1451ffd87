// id: C25-loader-text
// tries: to have the judge fail at its first execution, as a program whose loader is a script
// stops: [exec-failure-is-the-programs]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "cannot be executed"
#include <stdio.h>

const char loader[] __attribute__((section(".interp"), used)) = "/usr/bin/ldd";

int main(void) {
    puts("42");
    return 0;
}
