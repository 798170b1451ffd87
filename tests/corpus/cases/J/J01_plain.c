// id: J01-c
// tries: to end with success before anything is printed, by every exit there is
// stops: [verdict-from-output]
// expect: [WA]
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void first(void) {
    atexit((void (*)(void))_exit);
    _exit(0);
}

int main(void) { return 0; }
