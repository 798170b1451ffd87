// Believes to have spoken: what it said is still its own.
#include <stdio.h>

int main(void) {
    static char buffer[4096];
    int number;
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    puts("ready");
    if (getchar() == EOF) return 1;
    ungetc('0', stdin);
    if (scanf("%d", &number) != 1) return 1;
    printf("%d\n", 6 * number);
}
