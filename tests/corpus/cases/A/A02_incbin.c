// id: A02-c
// tries: to assemble a file of the host into the program
// stops: [own-root, compile-sandbox]
// expect: [CE]
// reason: the compiler refused it
#include <stdio.h>
__asm__(".section .rodata\n"
        ".globl taken\n"
        "taken: .incbin \"@CANARY_DIR@/secret644\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char taken[];
int main(void) {
    printf("BRE" "ACH: %s\n42\n", taken);
    return 0;
}
