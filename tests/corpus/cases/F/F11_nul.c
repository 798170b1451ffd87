// id: F11-nul
// tries: to be accepted with a text that ends at a zero byte for some and goes on for others
// stops: [bytes-as-written]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <unistd.h>

int main(void) {
    write(1, "42\0 wrong\n", 10);
    return 0;
}
