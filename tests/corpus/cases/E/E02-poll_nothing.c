// id: E02-poll
// tries: to wait for nothing at all
// stops: [wall-limit]
// limits: {cpu_ms: 500, wall_ms: 700, memory_mib: 16}
// expect: [ILE]
#include <poll.h>
#include <stdio.h>

int main(void) {
    poll(NULL, 0, 20000);
    fputs("BREACH: 20 seconds\n", stderr);
    puts("42");
}
