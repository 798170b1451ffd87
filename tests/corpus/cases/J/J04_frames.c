// id: J04-frames
// tries: to report its own end, usage and verdict on every descriptor that its supervisor might have left open
// stops: [closed-descriptors, output-is-a-pipe]
// expect: [WA]
// reason: got "41"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    static const char frame[64] = {0};
    static const char text[] = "{\"verdict\":\"AC\",\"end\":{\"code\":0},\"cpu_us\":0}\nstatus:OK\nexitcode:0\n";
    int open_ones = 0;
    puts("41");
    fflush(stdout);
    for (int fd = 3; fd < 70000; fd++)
        if (fcntl(fd, F_GETFD) != -1) {
            open_ones++;
            write(fd, frame, sizeof frame);
            write(fd, text, strlen(text));
        }
    write(0, text, strlen(text));
    if (open_ones) printf("BRE" "ACH: %d descriptors are open\n42\n", open_ones);
    return 0;
}
