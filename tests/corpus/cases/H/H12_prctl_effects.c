// id: H12-effects
// tries: to change what it is by prctl - its dumpability, its memory's limits, its capabilities, whom it reaps, how it is filtered
// stops: [filter-prctl, no-new-privileges, filter-masks]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    struct {
        const char *name;
        long option, value;
    } tries[] = {
        {"PR_SET_DUMPABLE", 4, 0},
        {"PR_SET_KEEPCAPS", 8, 1},
        {"PR_SET_SECCOMP", 22, 1},
        {"PR_CAPBSET_DROP", 24, 0},
        {"PR_SET_TSC", 26, 2},
        {"PR_SET_SECUREBITS", 28, 0},
        {"PR_SET_MM", 35, 1},
        {"PR_SET_CHILD_SUBREAPER", 36, 1},
        {"PR_SET_NO_NEW_PRIVS", 38, 0},
        {"PR_CAP_AMBIENT", 47, 4},
        {"PR_GET_SPECULATION_CTRL", 52, 0},
        {"PR_SET_SPECULATION_CTRL", 53, 0},
        {"PR_SET_SYSCALL_USER_DISPATCH", 59, 0},
        {"PR_SCHED_CORE", 62, 0},
        {"PR_SET_MDWE", 65, 1},
        {"PR_SET_MEMORY_MERGE", 67, 1},
    };
    const unsigned long high[] = {0, 1UL << 32, 1UL << 63};
    for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++)
        for (int h = 0; h < 3; h++)
            if (syscall(SYS_prctl, tries[i].option | high[h], tries[i].value, 0L, 0L, 0L) >= 0) {
                odd = 1;
                fprintf(stderr, "BREACH: %s, option %#lx\n", tries[i].name, tries[i].option | high[h]);
            } else if (errno != EPERM) {
                odd = 1;
                printf("%s, option %#lx: %m\n", tries[i].name, tries[i].option | high[h]);
            }
    // What was there before is there still; a filter and no new privileges.
    int seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0), fixed = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    if (seccomp != 2 || fixed != 1) {
        odd = 1;
        fprintf(stderr, "BREACH: filter %d, no new privileges %d\n", seccomp, fixed);
    }
    for (int c = 0; c < 64; c++)
        if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1) {
            odd = 1;
            fprintf(stderr, "BREACH: capability %d can come back\n", c);
        }
    if (!odd)
        puts("42");
    return 0;
}
