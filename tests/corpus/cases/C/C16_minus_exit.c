// id: C16-minus
// tries: to look as if something else had happened (less than nothing) by its exit code
// stops: [wait-status]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "exit code 255"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    puts("42");
    exit(-1);
}
