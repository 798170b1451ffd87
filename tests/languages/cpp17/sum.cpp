#include <iostream>

int main() {
    long long sum = 0;
    int n;
    std::cin >> n;
    for (long long x; n > 0 && std::cin >> x; --n) sum += x;
    if (auto result = sum; true) std::cout << result << '\n';
}
