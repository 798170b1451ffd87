// id: D22-catch
// tries: to catch what the library says about memory, and to go on
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <iostream>
#include <new>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> all;
    try {
        while (all.size() < 64) all.emplace_back(1 << 20, 'x');
    } catch (const std::bad_alloc &) {
        std::cout << "42\n";
        return 0;
    }
    std::cerr << "BREACH: 64 MiB of strings\n";
    std::cout << "42\n";
}
