// id: D21
// tries: nothing wrong, it has a static array that is larger than its memory and uses little of it
// stops: [memory-limit]
// limits: {memory_mib: 16}
// expect: [AC]
#include <stdio.h>

static volatile char array[256 << 20];

int main(void) {
    array[100 << 20] = 42;
    printf("%d\n", array[100 << 20]);
}
