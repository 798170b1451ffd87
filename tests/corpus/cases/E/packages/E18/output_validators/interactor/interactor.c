// Waits for "ready", then says the number, and takes six times it for right.
#include <stdio.h>
#include <string.h>

int main(int count, char **words) {
    int number, answer;
    char word[16];
    FILE *input = count > 1 ? fopen(words[1], "r") : NULL;
    if (!input || fscanf(input, "%d", &number) != 1) return 1;
    if (scanf("%15s", word) != 1 || strcmp(word, "ready")) return 43;
    printf("%d\n", number);
    fflush(stdout);
    if (scanf("%d", &answer) != 1 || answer != 6 * number) return 43;
    return 42;
}
