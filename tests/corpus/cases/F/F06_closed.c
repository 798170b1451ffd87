// id: F06-closed
// tries: to print after it has closed its output
// stops: [bytes-as-written]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    close(1);
    write(1, "42\n", 3);
    puts("42");
    return 0;
}
