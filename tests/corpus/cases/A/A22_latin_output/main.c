#include <stdio.h>
int main(void) { fputs("ÿş\0\033[2J\rí €ô€€\xc3", stdout); fputs("ÿ\0\033]52;c;AAAA\a", stderr); return 0; }
