// id: C12-sibling
// tries: to be a success by a brother who is the init's child too and ends well, while it ends badly itself
// stops: [seccomp-clone-parent, exact-pid]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [RTE]
// reason: "exit code 3"
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    unsigned long ways[] = {CLONE_PARENT | SIGCHLD, CLONE_PARENT, CLONE_PARENT | CLONE_VFORK | SIGCHLD,
                            CLONE_PARENT | SIGCHLD | 1ul << 32, CLONE_PARENT | SIGCHLD | 0xfffful << 48};
    int brothers = 0;
    for (int i = 0; i < 5; i++) {
        long pid = syscall(SYS_clone, ways[i], 0, 0, 0, 0);
        if (pid == 0) syscall(SYS_exit_group, 0);
        if (pid > 0) brothers++;
    }
    uint64_t three[11];
    memset(three, 0, sizeof three);
    three[0] = CLONE_PARENT;
    long pid = syscall(SYS_clone3, three, 64);
    if (pid == 0) _exit(0);
    if (pid > 0) brothers++;
    if (brothers > 0) {
        printf("BREACH: %d brothers\n42\n", brothers);
        return 0;
    }
    puts("42");
    usleep(50000);
    fflush(stdout);
    return 3;
}
