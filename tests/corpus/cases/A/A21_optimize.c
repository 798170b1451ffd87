// id: A21-optimize
// tries: to confuse the compiler by optimizations and targets that contradict each other
// stops: [compiler-crash-is-the-program's]
// expect: [AC, CE]
#include <stdio.h>
#pragma GCC optimize("O3", "unroll-all-loops", "no-tree-vrp", "Ofast", "O0", "Os", "trapv", "wrapv", "-O999999999999")
#pragma GCC target("avx512f", "no-sse2", "arch=i386", "tune=native")
#pragma GCC push_options
#pragma GCC optimize(-1)
__attribute__((optimize("O3,align-functions=1073741824"))) static int f(int x) { return x + 35; }
#pragma GCC pop_options
int main(void) {
    int x;
    if (scanf("%d", &x) == 1) printf("%d\n", f(x));
    return 0;
}
