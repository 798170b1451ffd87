#include <stdio.h>
int main(void) {
    int admin = 0;
    /*‮ } ⁦if (admin)⁩ ⁦ begin */
    puts("42");
    /* end ‮ { ⁦*/
    return 0;
}
