// id: H06
// tries: to make namespaces, or a sibling instead of a child, by every combination of flags of clone
// stops: [filter-clone, filter-masks, no-further-namespaces]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int odd;

static void refused(unsigned long flags) {
    long r = syscall(SYS_clone, flags, 0L, 0L, 0L, 0L);
    if (r == 0)
        _exit(0);
    if (r > 0) {
        odd++;
        fprintf(stderr, "BREACH: clone with %#lx\n", flags);
        waitpid(r, 0, __WALL);
    } else if (errno != EPERM && !odd++)
        printf("clone with %#lx: %m\n", flags);
}

static void link_of(const char *name, char *target) {
    target[0] = 0;
    if (readlink(name, target, 63) < 0)
        target[0] = '?';
}

int main(void) {
    const unsigned long spaces[] = {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID,
                                    CLONE_NEWNET, CLONE_PARENT, CLONE_PTRACE, CLONE_UNTRACED};
    const unsigned long high[] = {0, 1UL << 32, 1UL << 63, 0xffffffff00000000UL};
    for (int mask = 1; mask < 1 << 10; mask++) {
        unsigned long flags = 0;
        for (int i = 0; i < 10; i++)
            if (mask >> i & 1)
                flags |= spaces[i];
        for (int h = 0; h < 4; h++) {
            refused(flags | SIGCHLD | high[h]);
            refused(flags | high[h]);
        }
    }
    // The flag for a namespace of time lies where this call has the signal, and so can only be taken for one.
    char before[64] = "", after[64] = "";
    int to[2];
    link_of("/proc/self/ns/time", before);
    if (pipe(to) == 0) {
        long r = syscall(SYS_clone, 0x80UL, 0L, 0L, 0L, 0L);
        if (r == 0) {
            link_of("/proc/self/ns/time", after);
            write(to[1], after, sizeof after);
            _exit(0);
        }
        if (r > 0) {
            read(to[0], after, sizeof after);
            waitpid(r, 0, __WALL);
            if (strcmp(before, after)) {
                odd++;
                fprintf(stderr, "BREACH: a namespace of time: %s, %s\n", before, after);
            }
        }
    }
    // And what is harmless is there, high bits or not.
    for (int h = 0; h < 4; h++) {
        long r = syscall(SYS_clone, SIGCHLD | high[h], 0L, 0L, 0L, 0L);
        if (r == 0)
            _exit(0);
        if (r < 0 && !odd++)
            printf("a plain clone: %m\n");
        waitpid(r, 0, 0);
    }
    if (!odd)
        puts("42");
    return 0;
}
