// Both wait for the other's first word.
#include <stdio.h>

int main(void) {
    int number;
    if (scanf("%d", &number) != 1) return 1;
    puts("ready");
    printf("%d\n", 6 * number);
}
