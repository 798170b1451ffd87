// id: I06-bytes
// tries: to be right by bytes after a zero, before a return, or in an encoding that is none
// stops: [compare-bytes]
// expect: [WA]
#include <stdio.h>

int main(void) {
    fwrite("42\0\0 43\r\n\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80", 1, 22, stdout);
}
