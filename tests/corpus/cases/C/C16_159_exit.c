// id: C16-159
// tries: to look as if something else had happened (a forbidden call) by its exit code
// stops: [wait-status]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "exit code 159"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    puts("42");
    exit(159);
}
