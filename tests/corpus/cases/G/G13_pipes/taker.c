#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

// A user may have 16384 pages in pipes (pipe(7)); each new one has 16 of them, used or not, and after that two.
int main(void) {
    int done[2], less = 0;
    if (pipe(done))
        return 1;
    for (int i = 0; i < 12; i++)
        if (fork() == 0) {
            int p[2], last = 0;
            while (pipe(p) == 0)
                last = fcntl(p[1], F_GETPIPE_SZ);
            write(done[1], last < 65536 ? "l" : "n", 1);
            sleep(4);
            _exit(0);
        }
    for (int i = 0; i < 12; i++) {
        char c = 0;
        if (read(done[0], &c, 1) == 1)
            less += c == 'l';
    }
    while (wait(0) > 0) {
    }
    // Without its own limit reached this would prove nothing.
    if (less == 0)
        puts("all pipes are large");
    else
        puts("42");
    return 0;
}
