// id: J11-orphans
// tries: to compute in grandchildren that nobody waits for, one after another, so that their time is not seen
// stops: [cpu-of-the-group]
// limits: {cpu_ms: 1000, wall_ms: 9000}
// expect: [TLE]
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void burn(double seconds) {
    while (clock() < seconds * CLOCKS_PER_SEC) {}
}

int main(void) {
    for (int i = 0; i < 40; i++) {
        int end[2];
        char c;
        if (pipe(end)) return 1;
        if (fork() == 0) {
            if (fork() == 0) {
                close(end[0]);
                burn(0.1);
                _exit(0);
            }
            _exit(0);
        }
        close(end[1]);
        wait(NULL);
        // The grandchild is done when nobody has the other end.
        if (read(end[0], &c, 1) != 0) return 1;
        close(end[0]);
    }
    puts("BRE" "ACH: 4 seconds of CPU time within 1");
    puts("42");
    return 0;
}
