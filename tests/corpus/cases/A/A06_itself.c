// id: A06
// tries: to keep the preprocessor busy by a file that includes itself twice, and so 2^60 times
// stops: [compile-cpu]
// expect: [CE]
// reason: compiling took more CPU time
#if __INCLUDE_LEVEL__ < 60
#include __FILE__
#include __FILE__
#endif
int main(void) { return 0; }
