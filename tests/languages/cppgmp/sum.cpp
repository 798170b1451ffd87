#include <gmpxx.h>

#include <iostream>

int main() {
    int n;
    mpz_class x, sum = 0;
    std::cin >> n;
    while (n-- > 0 && std::cin >> x) sum += x;
    std::cout << sum << "\n";
}
