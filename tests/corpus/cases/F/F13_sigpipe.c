// id: F13
// tries: to disturb with a storm of processes that die of a pipe that nobody reads, as it does itself at last
// stops: [signal-reset]
// limits: {cpu_ms: 2000, pids: 8}
// expect: [RTE]
// reason: "SIGPIPE"
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    pipe(ends);
    close(ends[0]);
    for (int i = 0; i < 500; i++) {
        int child = fork(), status = 0;
        if (child == 0) {
            write(ends[1], "x", 1);
            _exit(0);
        }
        if (child > 0 && waitpid(child, &status, 0) == child && !WIFSIGNALED(status)) {
            puts("BREACH: SIGPIPE does nothing\n42");
            return 0;
        }
    }
    puts("42");
    fflush(stdout);
    write(ends[1], "x", 1);
    return 0;
}
