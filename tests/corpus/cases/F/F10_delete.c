// id: F10-delete
// tries: to have the character that deletes passed on to a terminal or a log
// stops: [output-escaped]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <stdio.h>

int main(void) {
    puts("WA\x7f\x7f" "AC");
    fputs("WA\x7f\x7f" "AC", stderr);
    return 0;
}
