#include <gmp.h>
#include <stdio.h>

int main(void) {
    int n;
    mpz_t x, sum;
    mpz_inits(x, sum, NULL);
    if (scanf("%d", &n) != 1) return 1;
    while (n-- > 0 && gmp_scanf("%Zd", x) == 1) mpz_add(sum, sum, x);
    gmp_printf("%Zd\n", sum);
    mpz_clears(x, sum, NULL);
    return 0;
}
