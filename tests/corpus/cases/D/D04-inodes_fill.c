// id: D04-inodes
// tries: to make more files than there may be, all of them empty
// stops: [tmp-inodes, work-inodes]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 128}
// expect: [AC]
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    const char *places[] = {"/tmp", "/dev/shm", "/work"};
    char name[64];
    for (int i = 0; i < 3; i++) {
        int made = 0;
        for (; made < 20000; made++) {
            snprintf(name, sizeof name, "%s/n%d", places[i], made);
            if (mknod(name, S_IFREG | 0600, 0) && errno == EPERM) {
                // Where nodes are not made at all, a directory is one too.
                if (mkdir(name, 0700)) break;
            }
        }
        if (made >= 18000) fprintf(stderr, "BREACH: %d files in %s\n", made, places[i]);
        if (made < 1000) return 3;
    }
    puts("42");
}
