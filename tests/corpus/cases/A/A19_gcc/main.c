#include <stdio.h>
int main(void) {
#ifdef EVIL
    puts("BRE" "ACH: a configuration was read");
#endif
    puts("42");
    return 0;
}
