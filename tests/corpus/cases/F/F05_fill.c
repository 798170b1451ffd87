// id: F05
// tries: to be stuck with a pipe that is full, or to lose some of what it prints in one go
// stops: [stdout-drain]
// limits: {cpu_ms: 2000, pids: 4, stdout_kib: 2048}
// expect: [AC]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[1 << 20];
    memset(text, '\n', sizeof text);
    memcpy(text + sizeof text - 3, "42\n", 3);
    // A write to a pipe that blocks takes all, or there was a signal.
    return write(1, text, sizeof text) == sizeof text ? 0 : 1;
}
