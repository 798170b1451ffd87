// id: C16-265
// tries: to look as if something else had happened (more than a byte) by its exit code
// stops: [wait-status]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "exit code 9"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    puts("42");
    exit(265);
}
