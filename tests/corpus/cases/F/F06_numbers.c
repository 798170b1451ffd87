// id: F06-numbers
// tries: to write to descriptors that are not there and to ones far beyond
// stops: [close-range]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (write(1000, "wrong\n", 6) >= 0) puts("BREACH: somebody took it");
    if (write(-1, "wrong\n", 6) >= 0) puts("BREACH: somebody took it");
    if (dup2(1, 1 << 20) >= 0) puts("BREACH: no limit of descriptors");
    int high = fcntl(1, F_DUPFD, 200);
    close(1);
    write(high, "42\n", 3);
    return 0;
}
