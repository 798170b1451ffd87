// id: F06-swapped
// tries: to have its errors taken for its answer
// stops: [separate-pipes]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    dup2(2, 1);
    puts("42");
    fflush(stdout);
    fputs("42\n", stderr);
    return 0;
}
