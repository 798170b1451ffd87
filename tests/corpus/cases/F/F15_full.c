// id: F15-full
// tries: to lose what is in both pipes, filled to the brim, when it ends with a child alive
// stops: [drain-after-death, kill-all]
// limits: {cpu_ms: 1000, pids: 4, stdout_kib: 128}
// repeat: 5
// expect: [AC]
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[64 << 10];
    memset(text, ' ', sizeof text);
    memcpy(text + sizeof text - 3, "42\n", 3);
    if (fork() == 0) for (;;) pause();
    write(2, text, sizeof text);
    write(1, text, sizeof text);
    _exit(0);
}
