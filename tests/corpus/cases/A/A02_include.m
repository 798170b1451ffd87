// id: A02-objectivec
// tries: to import a file of the host and to assemble another into the program
// stops: [own-root, compile-sandbox]
// language: objectivec
// expect: [CE]
// reason: the compiler refused it
#include <stdio.h>
#if __has_include("@CANARY_DIR@/secret640")
#import "@CANARY_DIR@/secret640"
#endif
__asm__(".data\ntaken: .incbin \"@CANARY_DIR@/secret644\"\n.byte 0\n.globl taken\n.text\n");
extern const char taken[];
int main(void) {
    printf("BRE" "ACH: %s\n42\n", taken);
    return 0;
}
