#include <iostream>

int main() {
    auto sum = 0uz;
    std::size_t n, x;
    std::cin >> n;
    for (auto i = 0uz; i < n && std::cin >> x; ++i) sum += x;
    std::cout << static_cast<long long>(sum) << '\n';
}
