// Says a word that has no end.
#include <stdio.h>
#include <unistd.h>

int main(void) {
    char byte;
    if (write(1, "ready", 5) != 5) return 1;
    return read(0, &byte, 1) == 1 ? 2 : 3;
}
