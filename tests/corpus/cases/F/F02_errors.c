// id: F02
// tries: to fill the judge's memory with errors, or to be held up by them
// stops: [stderr-cap, stderr-drain]
// limits: {cpu_ms: 6000, wall_ms: 20000, pids: 4}
// expect: [AC]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[1 << 16];
    memset(text, 'e', sizeof text);
    for (long total = 0; total < 512l << 20;) {
        long written = write(2, text, sizeof text);
        if (written < 0) return 1;
        total += written;
    }
    write(1, "42\n", 3);
    return 0;
}
