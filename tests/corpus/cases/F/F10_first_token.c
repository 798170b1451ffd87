// id: F10-reason
// tries: to write into a terminal or a log with the piece of its output that the verdict's reason shows
// stops: [output-escaped]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <unistd.h>

int main(void) {
    char text[] = "\x1b[2J\x1b]52;c;AAAA\x07\x9b\xff\xe2\x80\xae\"\\\x01\x00\x7f\xc0\xaf\n";
    write(1, text, sizeof text - 1);
    return 0;
}
