#include <stdio.h>

int main(void) {
    int x;
    FILE *in = fopen("six.in", "r");
    if (in && fscanf(in, "%d", &x) == 1) printf("%d\n", 6 * x);
    return 0;
}
