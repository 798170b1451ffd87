// id: F01-exact
// tries: to print exactly as much as it may
// stops: [stdout-cap]
// limits: {cpu_ms: 1000, pids: 4, stdout_kib: 128}
// expect: [AC]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[128 << 10];
    memset(text, ' ', sizeof text);
    memcpy(text + sizeof text - 3, "42\n", 3);
    for (size_t done = 0; done < sizeof text;) {
        long written = write(1, text + done, sizeof text - done);
        if (written < 0) return 1;
        done += written;
    }
    _exit(0);
}
