// id: H22
// tries: to get past each rule on an argument by bits in its upper half, which the kernel does not look at
// stops: [filter-masks]
// needs: [x86_64]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *name;
    long number;
    int argument;
    unsigned long values[24];
    int count;
} rules[] = {
    {"clone", SYS_clone, 0, {0x20011, 0x2000011, 0x4000011, 0x8000011, 0x10000011, 0x20000011, 0x40000011, 0x8011, 0x2011}, 9},
    {"fcntl", SYS_fcntl, 1, {1, 3, 5, 6, 7, 9, 36, 37, 38, 1024, 1025, 1026, 1031, 1032, 1034, 1037, 10, 15, 1039, 1040}, 20},
    {"ioctl", SYS_ioctl, 1, {0x5401, 0x5413, 0x541b, 0x5412, 0x541c, 0x5414, 0x40086602, 0xc0045877, 0x540e, 0x8912, 0x5402, 0x80086601}, 12},
    {"prctl", SYS_prctl, 0, {3, 21, 39, 23, 4, 8, 22, 24, 26, 28, 35, 36, 38, 47, 52, 53, 59, 62, 65, 67, 5, 27, 71}, 23},
    {"arch_prctl", SYS_arch_prctl, 0, {0x1001, 0x1004, 0x1011, 0x1012, 0x3001, 0x5001, 0x4002}, 7},
    {"personality", SYS_personality, 0, {0, 0x40000, 0x400000, 0x200000, 0x100000, 8, 0x20000, 0xffffffff}, 8},
    {"sched_setscheduler", SYS_sched_setscheduler, 1, {1, 2, 3, 5, 6, 7, 0x40000001}, 7},
    {"socketpair", SYS_socketpair, 0, {1, 2, 10, 16, 17, 38, 40}, 7},
    {"socket", SYS_socket, 0, {1, 2, 10, 16, 17, 38, 40, 45, 46, 255}, 10},
};

// What the call comes to: 0 or the errno; the results themselves may be descriptors and processes.
static int outcome(int rule, unsigned long value) {
    static struct {
        long a[8];
    } room;
    // Harmless arguments beside the one that is looked at.
    unsigned long a[5] = {0, 0, (unsigned long)&room, (unsigned long)&room, 0};
    if (rules[rule].number == SYS_clone)
        a[2] = a[3] = 0;
    if (rules[rule].number == SYS_prctl)
        a[2] = a[3] = 0;
    if (rules[rule].number == SYS_socket || rules[rule].number == SYS_socketpair)
        a[1] = 1, a[2] = 0;
    a[rules[rule].argument] = value;
    errno = 0;
    long r = syscall(rules[rule].number, a[0], a[1], a[2], a[3], a[4]);
    int error = r < 0 ? errno : 0;
    if (rules[rule].number == SYS_clone && r == 0)
        _exit(0);
    if (rules[rule].number == SYS_clone && r > 0)
        waitpid(r, 0, __WALL);
    close_range(3, ~0U, 0);
    return error;
}

int main(void) {
    int odd = 0;
    const unsigned long high[] = {1UL << 32, 1UL << 63, 0xffffffff00000000UL, 0x0123456700000000UL};
    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++)
        for (int k = 0; k < rules[i].count; k++) {
            int plain = outcome(i, rules[i].values[k]);
            for (int h = 0; h < 4; h++) {
                int other = outcome(i, rules[i].values[k] | high[h]);
                if (other != plain) {
                    odd = 1;
                    fprintf(stderr, "BREACH: %s: %#lx gives %d, with %#lx it gives %d\n", rules[i].name, rules[i].values[k], plain,
                            high[h], other);
                }
            }
        }
    if (!odd)
        puts("42");
    return 0;
}
