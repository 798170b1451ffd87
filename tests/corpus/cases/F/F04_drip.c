// id: F04
// tries: to last for ever by printing a little now and then
// stops: [wall-timer]
// limits: {cpu_ms: 1000, wall_ms: 1500, pids: 4}
// expect: [ILE]
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 800; i++) {
        write(1, "\n", 1);
        write(2, ".", 1);
        usleep(50000);
    }
    write(1, "BREACH: forty seconds\n42\n", 25);
    return 0;
}
