#include <stdio.h>
int main(void) { puts("ÿþ€À¯í €"); Ã( }
#error ÿþ€ í €
