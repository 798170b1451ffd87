// id: F03
// tries: to be accepted for the right answer and print without end after it
// stops: [stdout-cap]
// limits: {cpu_ms: 2000, pids: 4}
// expect: [OLE]
#include <stdio.h>

int main(void) {
    puts("42");
    fflush(stdout);
    // What follows makes no difference to a comparison that passes over white space.
    for (long i = 0; i < 512l << 20; i++) putchar('\n');
    fputs("BREACH: half a gibibyte was taken\n", stderr);
    return 0;
}
