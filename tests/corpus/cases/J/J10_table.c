// id: J10-c
// tries: to leave a table of 1 GiB that the assembler writes
// stops: [file-size-limit, artefact-cap]
// expect: [CE]
#include <stdio.h>
__asm__(".section .rodata\n.globl table\ntable:\n.rept 16384\n.fill 65536, 1, 42\n.endr\n.previous\n");
extern const unsigned char table[1u << 30];
int main(void) {
    unsigned x;
    if (scanf("%u", &x) == 1) printf("%d\n", table[x]);
    return 0;
}
