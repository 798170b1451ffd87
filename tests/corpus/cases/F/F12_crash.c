// id: F12-crash
// tries: to be accepted for an answer before a crash
// stops: [wait-status]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "signal 6"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    puts("42");
    fflush(stdout);
    abort();
}
