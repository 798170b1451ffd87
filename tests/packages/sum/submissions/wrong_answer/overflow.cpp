#include <iostream>
int main() { int a, b; std::cin >> a >> b; std::cout << (int)((unsigned)a + (unsigned)b) << "\n"; }
