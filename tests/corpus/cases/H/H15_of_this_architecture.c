// id: H15
// tries: what only this architecture has - bases of segments, tables of them, ports, CPUID that faults, other instructions' state
// stops: [filter-arch_prctl, filter-default, filter-masks]
// needs: [x86_64]
// expect: [AC]

#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    unsigned long where = 0;
    const int refused[] = {
        0x1001, 0x1004,                  // the base of GS
        0x1011, 0x1012,                  // CPUID
        0x1021, 0x1022, 0x1023, 0x1024,  // permissions for large registers
        0x2001, 0x2002, 0x2003,          // a vDSO of another kind
        0x3001, 0x3002, 0x3003,          // old numbers of shadow stacks
        0x4001, 0x4002, 0x4003,          // tags in addresses
        0x5001, 0x5002, 0x5003, 0x5004, 0x5005,
    };
    const unsigned long high[] = {0, 1UL << 32, 1UL << 63};
    for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++)
        for (int h = 0; h < 3; h++)
            if (syscall(SYS_arch_prctl, refused[i] | high[h], &where) >= 0) {
                odd = 1;
                fprintf(stderr, "BREACH: arch_prctl %#lx\n", refused[i] | high[h]);
            } else if (errno != ENOSYS) {
                odd = 1;
                printf("arch_prctl %#lx: %m\n", refused[i] | high[h]);
            }
    for (long code = 0; code < 0x6000; code++)
        if (code != 0x1002 && code != 0x1003 && (syscall(SYS_arch_prctl, code, &where) >= 0 || errno != ENOSYS) && !odd++)
            printf("arch_prctl %#lx: %m\n", code);
    // The base of FS, which threads need, can be read and is the one that is in use.
    unsigned long base;
    __asm__("mov %%fs:0, %0" : "=r"(base));
    if (syscall(SYS_arch_prctl, 0x1003, &where) || where != base) {
        odd = 1;
        printf("the base of FS: %m\n");
    }
    struct user_desc entry = {.entry_number = 1, .limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1, .useable = 1};
    char table[64];
    const int functions[] = {0, 1, 2, 0x11};
    for (int i = 0; i < 4; i++) {
        long r = syscall(SYS_modify_ldt, functions[i], functions[i] & 1 ? (void *)&entry : table, sizeof entry);
        // The kernel's own answer is an int, too, so that a refusal may come as a large number.
        if (r != -1 || errno != ENOSYS) {
            odd = 1;
            fprintf(stderr, "BREACH: modify_ldt %#x returned %ld\n", functions[i], r);
        }
    }
    const int absent[] = {SYS_set_thread_area, SYS_get_thread_area};
    for (int i = 0; i < 2; i++)
        if (syscall(absent[i], &entry) >= 0 || errno != ENOSYS) {
            odd = 1;
            printf("call %d: %m\n", absent[i]);
        }
    if (!odd)
        puts("42");
    return 0;
}
