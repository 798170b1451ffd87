// Thinks of the number in the answer's file, says whether guesses are too small or too large, and allows forty of them.
#include <cstdio>
#include <fstream>

int main(int, char **argv) {
    std::ifstream answer(argv[2]);
    long number = -1, guess;
    answer >> number;
    std::printf("guess\n");
    std::fflush(stdout);
    for (int i = 0; i < 40; i++) {
        if (std::scanf("%ld", &guess) != 1) return 43;
        if (guess == number) {
            std::printf("right\n");
            return 42;
        }
        std::printf(guess < number ? "larger\n" : "smaller\n");
        std::fflush(stdout);
    }
    return 43;
}
