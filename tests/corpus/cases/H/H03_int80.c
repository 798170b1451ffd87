// id: H03
// tries: to call the kernel by the numbers of 32-bit programs, which mean other calls there
// stops: [filter-arch]
// needs: [x86_64, fast]
// expect: [RTE]
// reason: another architecture
// message:
//   stop: never
//   tests:
//     - {id: getpid, stdin: "20\n", expected: "42\n"}
//     - {id: mount, stdin: "21\n", expected: "42\n"}
//     - {id: ptrace, stdin: "26\n", expected: "42\n"}
//     - {id: socketcall, stdin: "102\n", expected: "42\n"}
//     - {id: unshare, stdin: "310\n", expected: "42\n"}
//     - {id: none, stdin: "-1\n", expected: "42\n"}

#include <stdio.h>

int main(void) {
    long number = 0, got;
    scanf("%ld", &number);
    __asm__ volatile("int $0x80" : "=a"(got) : "a"(number), "b"(0L), "c"(0L), "d"(0L), "S"(0L), "D"(0L) : "memory");
    fprintf(stderr, "BREACH: int 0x80, call %ld returned %d\n", number, (int)got);
    puts("42");
    return 0;
}
