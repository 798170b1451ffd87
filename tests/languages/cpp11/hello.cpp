#include <iostream>

int main() {
    auto text = "hello";
    std::cout << text << '\n';
}
