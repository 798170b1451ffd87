#include <gmpxx.h>

#include <iostream>

int main() {
    std::cout << "hello\n";
}
