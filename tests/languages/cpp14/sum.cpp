#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<long long> v(n);
    long long sum = 0;
    for (auto& x : v) std::cin >> x;
    std::for_each(v.begin(), v.end(), [&](auto x) { sum += x; });
    std::cout << sum << '\n';
}
