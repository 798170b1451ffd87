#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 80; i++) {
        int ends[2];
        if (pipe(ends)) return 3;
        int size = fcntl(ends[1], F_GETPIPE_SZ);
        if (size < 1 << 16) {
            fprintf(stderr, "BREACH: after %d looks a pipe has %d bytes\n", i, size);
            break;
        }
        close(ends[0]);
        close(ends[1]);
        usleep(50000);
    }
    puts("42");
}
