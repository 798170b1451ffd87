// id: F11-long
// tries: to be accepted where only the beginning of a long line is compared
// stops: [bytes-as-written]
// limits: {cpu_ms: 2000, pids: 4, stdout_kib: 4096}
// expect: [WA]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[3 << 20];
    memset(text, ' ', sizeof text);
    memcpy(text, "42", 2);
    text[sizeof text - 1] = '1';
    write(1, text, sizeof text);
    return 0;
}
