// id: A11-hole
// tries: to leave a program of the largest size that is allowed, nearly all of it hole, which costs whoever copies it
// stops: [artefact-cap, bounded-copy]
// expect: [AC, CE]
#include <stdio.h>
__asm__(".section .far,\"aw\"\n.p2align 26\nfar: .byte 1\n.text\n");
int main(void) {
    puts("42");
    return 0;
}
