// id: F11-crlf
// tries: to be rejected for the other kind of line
// stops: [bytes-as-written]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <unistd.h>

int main(void) {
    write(1, "\r\n42\r\n\f\v\t", 9);
    return 0;
}
