// id: F05-both
// tries: to be stuck between two pipes, writing a little more than one holds to each in turn
// stops: [stdout-drain, stderr-drain]
// limits: {cpu_ms: 2000, pids: 4, stdout_kib: 4096}
// expect: [AC]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[70000];
    memset(text, ' ', sizeof text);
    for (int i = 0; i < 40; i++) {
        write(2, text, sizeof text);
        write(1, text, sizeof text);
    }
    write(1, "42\n", 3);
    return 0;
}
