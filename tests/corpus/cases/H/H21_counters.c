// id: H21
// tries: to read the processor's performance counters, and other instructions that only the kernel may use
// stops: [processor]
// needs: [x86_64]
// expect: [RTE]
// reason: SIGSEGV
// message:
//   stop: never
//   tests:
//     - {id: rdpmc, stdin: "0\n", expected: "42\n"}
//     - {id: rdmsr, stdin: "1\n", expected: "42\n"}
//     - {id: cr0, stdin: "2\n", expected: "42\n"}
//     - {id: cli, stdin: "3\n", expected: "42\n"}
//     - {id: hlt, stdin: "4\n", expected: "42\n"}
//     - {id: in, stdin: "5\n", expected: "42\n"}

#include <stdio.h>

int main(void) {
    unsigned a = 0, d = 0;
    unsigned long wide = 0;
    int which = 0;
    scanf("%d", &which);
    // The clock may be read.
    __asm__ volatile("rdtsc" : "=a"(a), "=d"(d));
    switch (which) {
        case 0: __asm__ volatile("rdpmc" : "=a"(a), "=d"(d) : "c"(0)); break;
        case 1: __asm__ volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(0x10)); break;
        case 2: __asm__ volatile("mov %%cr0, %0" : "=r"(wide)); break;
        case 3: __asm__ volatile("cli"); break;
        case 4: __asm__ volatile("hlt"); break;
        case 5: __asm__ volatile("in $0x80, %%al" : "=a"(a)); break;
    }
    fprintf(stderr, "BREACH: instruction %d gave %#x %#x %#lx\n", which, d, a, wide);
    puts("42");
    return 0;
}
