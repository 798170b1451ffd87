// id: A04
// tries: to feed the compiler from the source of random numbers, for ever
// stops: [compile-memory, compile-cpu]
// expect: [CE]
#include </dev/urandom>
int main(void) { return 0; }
