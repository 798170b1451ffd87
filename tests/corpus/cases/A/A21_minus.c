// id: A21-depth
// tries: to run the compiler out of stack by an expression that is as deep as it is long
// stops: [compiler-crash-is-the-program's, compile-memory]
// expect: [CE]
#define A0(x) - -x
#define A1(x) A0(A0(x))
#define A2(x) A1(A1(x))
#define A3(x) A2(A2(x))
#define A4(x) A3(A3(x))
#define A5(x) A4(A4(x))
#define A6(x) A5(A5(x))
#define A7(x) A6(A6(x))
#define A8(x) A7(A7(x))
#define A9(x) A8(A8(x))
#define A10(x) A9(A9(x))
#define A11(x) A10(A10(x))
#define A12(x) A11(A11(x))
#define A13(x) A12(A12(x))
#define A14(x) A13(A13(x))
#define A15(x) A14(A14(x))
#define A16(x) A15(A15(x))
#define A17(x) A16(A16(x))
int main(void) { int zero = 0; return A17(zero); }
