// id: F01
// tries: to fill the judge's memory or disk with what it prints
// stops: [stdout-cap]
// limits: {cpu_ms: 2000, pids: 4}
// expect: [OLE]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[1 << 16];
    memset(text, 'y', sizeof text);
    long total = 0;
    while (total < 512l << 20) {
        long written = write(1, text, sizeof text);
        if (written < 0) return 1;
        total += written;
    }
    write(2, "BREACH: half a gibibyte was taken\n", 34);
    return 0;
}
