// id: F10-c1
// tries: to write into a terminal with the control characters beyond ASCII, which some obey as they do ESC
// stops: [output-escaped]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <stdio.h>

int main(void) {
    // U+0080 to U+009F, among them the beginnings of commands and of texts for the terminal.
    for (int fd = 0; fd < 2; fd++)
        for (int code = 0x80; code < 0xa0; code++) fprintf(fd ? stderr : stdout, "\xc2%c2J", code);
    return 0;
}
