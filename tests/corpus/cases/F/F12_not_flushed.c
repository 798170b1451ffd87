// id: F12-exit
// tries: to be accepted for an answer that never left its buffer
// stops: [bytes-as-written]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    printf("42\n");
    _exit(0);
}
