// id: F15
// tries: to lose what is still in the pipe when it ends
// stops: [drain-after-death]
// limits: {cpu_ms: 1000, pids: 4}
// repeat: 10
// expect: [AC]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[60 << 10];
    memset(text, ' ', sizeof text);
    memcpy(text + sizeof text - 3, "42\n", 3);
    write(1, text, sizeof text);
    _exit(0);
}
