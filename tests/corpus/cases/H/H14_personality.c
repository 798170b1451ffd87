// id: H14
// tries: to become a process of another kind - memory that is executed when it is read, no random addresses, page 0
// stops: [filter-personality, filter-masks]
// expect: [AC]

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    struct {
        const char *name;
        unsigned long persona;
        int wanted;
    } tries[] = {
        {"ADDR_NO_RANDOMIZE", 0x0040000, EPERM},
        {"READ_IMPLIES_EXEC", 0x0400000, EPERM},
        {"ADDR_COMPAT_LAYOUT", 0x0200000, EPERM},
        {"MMAP_PAGE_ZERO", 0x0100000, EPERM},
        {"PER_LINUX32", 0x8, EPERM},
        {"UNAME26", 0x0020000, ENOSYS},
        {"FDPIC_FUNCPTRS", 0x0080000, ENOSYS},
        {"SHORT_INODE", 0x1000000, ENOSYS},
        {"WHOLE_SECONDS", 0x2000000, ENOSYS},
        {"STICKY_TIMEOUTS", 0x4000000, ENOSYS},
        {"ADDR_LIMIT_3GB", 0x8000000, ENOSYS},
        {"ADDR_LIMIT_32BIT", 0x0800000, ENOSYS},
        {"two at a time", 0x0440000, ENOSYS},
        {"all but one", 0xfffffffe, ENOSYS},
    };
    const unsigned long high[] = {0, 1UL << 32, 1UL << 63, 0xffffffff00000000UL};
    for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++)
        for (int h = 0; h < 4; h++) {
            long r = syscall(SYS_personality, tries[i].persona | high[h]);
            if (r >= 0) {
                odd = 1;
                fprintf(stderr, "BREACH: %s, %#lx\n", tries[i].name, tries[i].persona | high[h]);
            } else if (errno != tries[i].wanted) {
                odd = 1;
                printf("%s, %#lx: %m\n", tries[i].name, tries[i].persona | high[h]);
            }
        }
    for (unsigned bit = 0; bit < 32; bit++)
        if (syscall(SYS_personality, 1UL << bit) >= 0) {
            odd = 1;
            fprintf(stderr, "BREACH: personality %#lx\n", 1UL << bit);
        }
    // To ask is allowed, and the answer is that of an ordinary process.
    long now = syscall(SYS_personality, 0xffffffffUL);
    if (now != 0) {
        odd = 1;
        fprintf(stderr, "BREACH: the personality is %#lx\n", now);
    }
    if (!odd)
        puts("42");
    return 0;
}
