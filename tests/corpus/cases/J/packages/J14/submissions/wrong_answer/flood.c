/* Floods the judge with numbers that are none, and never listens. */
#include <stdio.h>

int main(void) {
    for (int i = 0; i < 2000000; i++) printf("99999999999999999999999999 ");
    return 0;
}
