// id: C25-loader-missing
// tries: to have the judge fail at its first execution, as a program that wants a loader that is not there
// stops: [exec-failure-is-the-programs]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "cannot be executed"
#include <stdio.h>

const char loader[] __attribute__((section(".interp"), used)) = "/no/such/loader";

int main(void) {
    puts("42");
    return 0;
}
