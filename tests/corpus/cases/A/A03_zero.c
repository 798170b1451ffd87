// id: A03
// tries: to feed the compiler from a device that never ends
// stops: [compile-memory, compile-cpu]
// expect: [CE]
// reason: compiling took
#include "/dev/zero"
int main(void) { return 0; }
