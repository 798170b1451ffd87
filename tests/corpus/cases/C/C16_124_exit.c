// id: C16-124
// tries: to look as if something else had happened (a timeout) by its exit code
// stops: [wait-status]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "exit code 124"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    puts("42");
    exit(124);
}
