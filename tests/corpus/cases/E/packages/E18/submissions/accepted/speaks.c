#include <stdio.h>

int main(void) {
    int number;
    puts("ready");
    fflush(stdout);
    if (scanf("%d", &number) != 1) return 1;
    printf("%d\n", 6 * number);
}
