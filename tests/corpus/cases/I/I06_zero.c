// id: I06-zero
// tries: to be right up to a zero byte
// stops: [compare-bytes]
// expect: [WA]
#include <stdio.h>

int main(void) {
    fwrite("42\0 and more", 1, 12, stdout);
}
