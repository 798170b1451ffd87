// id: F11-newline
// tries: to be rejected for a missing end of line
// stops: [bytes-as-written]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <unistd.h>

int main(void) {
    write(1, "42", 2);
    return 0;
}
