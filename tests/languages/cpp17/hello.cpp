#include <iostream>
#include <string_view>

int main() {
    std::string_view text = "hello";
    std::cout << text << '\n';
}
