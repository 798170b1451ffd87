// id: A05-stdin
// tries: to let the compiler read what comes on its own standard input, by every name that it has
// stops: [empty-stdin, no-controlling-terminal, own-devices]
// expect: [AC]
#if __has_include("/dev/stdin")
#include "/dev/stdin"
#endif
#if __has_include("/dev/console")
#include "/dev/console"
#endif
#include "/proc/self/fd/0"
#include <stdio.h>
int main(void) { puts("42"); return 0; }
