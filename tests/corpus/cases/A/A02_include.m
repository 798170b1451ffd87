// id: A02-objectivec
// tries: to assemble a file of the host into the program
// stops: [own-root, compile-sandbox]
// language: objectivec
// needs: ["toolchain:/usr/include/GNUstep/Foundation/Foundation.h"]
// expect: [CE]
// reason: the compiler refused it
#include <stdio.h>
__asm__(".data\ntaken: .incbin \"@CANARY_DIR@/secret644\"\n.byte 0\n.globl taken\n.text\n");
extern const char taken[];
int main(void) {
    printf("BRE" "ACH: %s\n42\n", taken);
    return 0;
}
