// id: H05
// tries: to jump into a code segment of 32 bits and to write from there by each way into the kernel
// stops: [filter-arch]
// needs: [x86_64]
// expect: [RTE]
// message:
//   stop: never
//   tests:
//     - {id: int80, stdin: "0\n", expected: "42\n"}
//     - {id: sysenter, stdin: "1\n", expected: "42\n"}
//     - {id: syscall, stdin: "2\n", expected: "42\n"}

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

// All below 4 GiB: code and data of a static program, and a stack that is mapped there. What is written shows that the call
// was made, whether it comes back or not.
__asm__(
    ".text\n"
    "enter32:\n"                       // rdi: the stack, rsi: where to go in it
    "  mov %rdi, %rsp\n"
    "  push $0x23\n"
    "  push %rsi\n"
    "  lretq\n"
    ".code32\n"
    "int80: mov $4, %eax\n  mov $2, %ebx\n  mov $said, %ecx\n  mov $22, %edx\n  int $0x80\n  jmp over\n"
    "sysenter32: mov %esp, %ebp\n  mov $4, %eax\n  mov $2, %ebx\n  mov $said, %ecx\n  mov $22, %edx\n  sysenter\n  jmp over\n"
    "syscall32: mov $4, %eax\n  mov $2, %ebx\n  mov $said, %ebp\n  mov $22, %edx\n  syscall\n  jmp over\n"
    "over: mov $1, %eax\n  xor %ebx, %ebx\n  int $0x80\n  hlt\n"
    ".code64\n"
    ".data\n"
    "said: .ascii \"BREACH: a 32-bit call\\n\"\n"
    ".text\n");

extern char enter32[], int80[], sysenter32[], syscall32[];

int main(void) {
    int which = 0;
    scanf("%d", &which);
    char *stack = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (stack == MAP_FAILED || (unsigned long)enter32 >> 32) {
        puts("no place below 4 GiB");
        return 0;
    }
    char *way[] = {int80, sysenter32, syscall32};
    ((void (*)(void *, void *))enter32)(stack + (1 << 15), way[which % 3]);
    puts("42");
    return 0;
}
