#include <iostream>
#include <ranges>

int main() {
    long long sum = 0, x;
    int n;
    std::cin >> n;
    for ([[maybe_unused]] int i : std::views::iota(0, n)) {
        std::cin >> x;
        sum += x;
    }
    std::cout << sum << '\n';
}
