// id: F10-errors
// tries: to write into a terminal or a log with its errors
// stops: [output-escaped]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 256; i++) {
        char byte = i;
        write(2, &byte, 1);
    }
    char text[] = "\r\x1b[1A\x1b[2KAssay: the worker was updated\n\x1b]8;;http://example.org\x1b\\here\x1b]8;;\x1b\\";
    write(2, text, sizeof text - 1);
    write(1, "42\n", 3);
    return 0;
}
