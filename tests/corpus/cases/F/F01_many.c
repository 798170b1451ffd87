// id: F01-many
// tries: to print more than the judge can read, from many processes on both outputs
// stops: [stdout-cap, stderr-cap, kill-all]
// limits: {cpu_ms: 2000, pids: 16}
// expect: [OLE]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[1 << 16];
    memset(text, 'y', sizeof text);
    for (int i = 0; i < 3; i++) fork();
    for (int i = 0; i < 4000; i++) {
        write(2, text, sizeof text);
        write(1, text, sizeof text);
    }
    write(2, "BREACH: gibibytes were taken\n", 29);
    return 0;
}
