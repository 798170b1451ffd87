/* Crashes in the middle of the talk. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char line[64];
    if (!fgets(line, sizeof line, stdin)) return 0;
    puts("500000000");
    fflush(stdout);
    abort();
}
