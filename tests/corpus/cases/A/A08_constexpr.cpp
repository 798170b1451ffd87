// id: A08-constexpr
// tries: to have the compiler calculate for ever, in pieces that are each below its own bound
// stops: [compile-cpu]
// expect: [CE]
// reason: compiling took
constexpr unsigned long spin(unsigned long x) {
    for (unsigned long i = 0; i < 200000; ++i) x = x * 6364136223846793005ul + i;
    return x;
}
template <unsigned long N>
struct Piece {
    static constexpr unsigned long value = spin(Piece<N - 1>::value);
};
template <>
struct Piece<0> {
    static constexpr unsigned long value = 1;
};
template <unsigned long... Ns>
struct Row {
    static constexpr unsigned long value = ((Piece<800>::value + spin(Ns)) + ...);
};
template <unsigned long Base>
constexpr unsigned long rows =
    Row<Base, Base + 1, Base + 2, Base + 3, Base + 4, Base + 5, Base + 6, Base + 7>::value + rows<Base + 8>;
unsigned long result = rows<1>;
int main() {}
