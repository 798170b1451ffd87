#include <gmp.h>
#include <stdio.h>

int main(void) {
    mpz_t one;
    mpz_init_set_ui(one, 1);
    gmp_printf("hello%.*s\n", (int)(mpz_get_si(one) - 1), "!");
    mpz_clear(one);
    return 0;
}
