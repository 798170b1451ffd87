// id: F11-exact
// tries: to be accepted with other bytes where each byte counts
// stops: [bytes-as-written]
// limits: {cpu_ms: 1000, pids: 4}
// message: {checker: {kind: exact}}
// expect: [WA]
#include <unistd.h>

int main(void) {
    write(1, "42\r\n", 4);
    return 0;
}
