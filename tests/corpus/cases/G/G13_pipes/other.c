#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 80; i++, usleep(50000)) {
        int p[2];
        if (pipe(p)) {
            printf("pipe: %m\n");
            return 0;
        }
        int size = fcntl(p[1], F_GETPIPE_SZ);
        close(p[0]);
        close(p[1]);
        if (size != 65536) {
            fprintf(stderr, "BREACH: another job took the pipes, %d bytes are left for one\n", size);
            return 0;
        }
    }
    puts("42");
    return 0;
}
