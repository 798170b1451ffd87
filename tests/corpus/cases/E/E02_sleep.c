// id: E02
// tries: to sleep for ever
// stops: [wall-limit]
// limits: {cpu_ms: 500, wall_ms: 700, memory_mib: 16}
// expect: [ILE]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    sleep(20);
    fputs("BREACH: 20 seconds\n", stderr);
    puts("42");
}
