// id: F01-more
// tries: to print one byte more than it may, in the moment of its end
// stops: [stdout-cap, drain-after-death]
// limits: {cpu_ms: 1000, pids: 4, stdout_kib: 32}
// repeat: 3
// expect: [OLE]
#include <string.h>
#include <unistd.h>

int main(void) {
    // All of it fits into the pipe.
    static char text[(32 << 10) + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "42\n", 3);
    write(1, text, sizeof text);
    _exit(0);
}
