// id: C16-137
// tries: to look as if something else had happened (a kill by signal 9) by its exit code
// stops: [wait-status]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "exit code 137"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    puts("42");
    exit(137);
}
