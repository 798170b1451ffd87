// id: B11-run
// tries: to make files, links and directories without end, each of which takes the kernel's memory
// stops: [tmp-inodes, work-inodes]
// limits: {cpu_ms: 4000, wall_ms: 12000, memory_mib: 256, file_mib: 16}
// expect: [AC]
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 20000 };

int main(void) {
    const char *dirs[] = {"/work", "/tmp", "/dev/shm"};
    for (int i = 0; i < 3; i++) {
        chdir(dirs[i]);
        int made = 0, failed = 0;
        for (; made < MANY && !failed; made++) {
            char name[32];
            snprintf(name, sizeof name, "n%d", made);
            switch (i) {
                case 0: {
                    int fd = open(name, O_CREAT | O_WRONLY, 0600);
                    failed = fd < 0 ? errno : 0;
                    close(fd);
                    break;
                }
                case 1: failed = symlink("a target that is a bit longer than what fits beside the inode", name) ? errno : 0; break;
                default: failed = mkdir(name, 0700) ? errno : 0;
            }
        }
        if (failed != ENOSPC) fprintf(stderr, "BREACH: %d in %s, error %d\n", made, dirs[i], failed);
    }
    puts("42");
}
