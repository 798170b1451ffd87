// id: A13-c
// tries: to name a plug-in, a program and an object in pragmas
// stops: [toolchain-flags, compile-sandbox]
// expect: [AC]
#pragma GCC plugin "/work/evil.so"
#pragma GCC optimize("-fplugin=/work/evil.so", "-wrapper", "/bin/sh,-c,echo BRE''ACH")
#pragma comment(linker, "/work/evil.o")
#include <stdio.h>
int main(void) {
    puts("42");
    return 0;
}
