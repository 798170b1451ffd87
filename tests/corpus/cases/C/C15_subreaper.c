// id: C15-subreaper
// tries: to take the init's place as the one to whom orphans go
// stops: [seccomp-prctl]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [AC]
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) == 0) puts("BREACH: it may be a reaper");
    int ends[2];
    pipe(ends);
    int child = fork();
    if (child == 0) {
        if (fork() == 0) {
            usleep(20000);
            int parent = getppid();
            write(ends[1], &parent, sizeof parent);
            _exit(0);
        }
        _exit(0);
    }
    waitpid(child, 0, 0);
    int parent = 0;
    close(ends[1]);
    read(ends[0], &parent, sizeof parent);
    if (parent != 1) printf("BREACH: an orphan went to %d\n", parent);
    puts("42");
    return 0;
}
