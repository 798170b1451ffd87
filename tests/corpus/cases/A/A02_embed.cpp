// id: A02-cpp
// tries: to embed a file of the host by the assembler and, where the compiler knows it, by the preprocessor
// stops: [own-root, compile-sandbox]
// language: cpp23
// expect: [CE]
// reason: the compiler refused it
#include <cstdio>
#ifdef __has_embed
const char taken[] = {
#embed "@CANARY_DIR@/secret644"
    , 0};
#else
asm(".section .rodata\ntaken: .incbin \"@CANARY_DIR@/secret644\"\n.byte 0\n.globl taken\n.previous\n");
extern "C" const char taken[];
#endif
int main() {
    std::printf("BRE" "ACH: %s\n42\n", taken);
}
