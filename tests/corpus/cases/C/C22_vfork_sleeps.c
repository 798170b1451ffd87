// id: C22-sleep
// tries: to be out of reach in a call that waits for its child, which sleeps
// stops: [wall-timer, kill-all]
// limits: {cpu_ms: 1000, wall_ms: 1500, pids: 4}
// expect: [ILE]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (vfork() == 0) {
        sleep(40);
        _exit(0);
    }
    puts("BREACH: forty seconds\n42");
    return 0;
}
