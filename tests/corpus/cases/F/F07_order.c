// id: F07-order
// tries: to have its output in another order, through a second opening of it
// stops: [stdout-pipe]
// limits: {cpu_ms: 1000, pids: 4}
// stdout: "1 2 3 4\n"
// expect: [AC]
#include <fcntl.h>
#include <unistd.h>

int main(void) {
    write(1, "1 ", 2);
    // A device that programs may open by its name.
    int again = open("/dev/stdout", O_WRONLY);
    if (again < 0) again = 1;
    write(again, "2 ", 2);
    write(1, "3 ", 2);
    write(again, "4\n", 2);
    return 0;
}
