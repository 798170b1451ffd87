// id: C14-wrap
// tries: to make the kernel use process numbers again, so that a kill by number meets somebody else
// stops: [pidfd-only]
// limits: {cpu_ms: 6000, wall_ms: 20000, pids: 16}
// expect: [AC, TLE]
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int last = 0;
    for (int i = 0; i < 40000; i++) {
        int pid = vfork();
        if (pid == 0) _exit(0);
        if (pid < 0) continue;
        waitpid(pid, 0, 0);
        if (pid < last) break;
        last = pid;
    }
    // Whoever has a number that somebody else had leaves at the same moment as this program.
    for (int i = 0; i < 10; i++)
        if (fork() == 0) usleep(3000), _exit(0);
    usleep(3000);
    write(1, "42\n", 3);
    _exit(0);
}
