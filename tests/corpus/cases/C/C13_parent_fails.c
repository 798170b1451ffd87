// id: C13-status
// tries: to be accepted by a child that ends well, the program itself having failed
// stops: [exact-pid]
// limits: {cpu_ms: 1000, wall_ms: 3000, pids: 8}
// expect: [RTE]
// reason: "exit code 1"
#include <stdio.h>
#include <unistd.h>

int main(void) {
    puts("42");
    fflush(stdout);
    if (fork() == 0) {
        usleep(100000);
        return 0;
    }
    return 1;
}
