// id: A08-templates
// tries: to let the compiler make more classes than there is time or memory for
// stops: [compile-memory, compile-cpu]
// expect: [CE]
// reason: compiling took
template <int Depth, unsigned long Path>
struct Tree {
    Tree<Depth - 1, 2 * Path> left;
    Tree<Depth - 1, 2 * Path + 1> right;
};
template <unsigned long Path>
struct Tree<0, Path> {};
Tree<60, 1> all;
int main() {}
