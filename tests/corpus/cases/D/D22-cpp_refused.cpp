// id: D22-cpp
// tries: to ask for more than there is, which the library refuses by itself
// stops: [kernel]
// limits: {memory_mib: 32}
// expect: [RTE]
// reason: SIGABRT
#include <iostream>
#include <vector>

int main() {
    std::vector<char> all;
    all.reserve(std::size_t(1) << 50);
    std::cout << "42\n";
}
