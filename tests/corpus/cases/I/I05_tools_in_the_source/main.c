#include <stdio.h>
#include <math.h>

int main(void) {
    printf("%.0f\n", fabs(-42.0));
}
