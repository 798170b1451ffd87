// id: A11-align
// tries: to have the linker move one byte so far that the program between is a hole of many GiB
// stops: [file-size-limit, artefact-cap]
// expect: [CE]
#include <stdio.h>
__asm__(".section .far,\"aw\"\n.p2align 35\nfar: .byte 1\n.text\n");
int main(void) {
    puts("42");
    return 0;
}
