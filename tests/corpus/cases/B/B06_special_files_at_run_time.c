// id: B06-run
// tries: to put a FIFO, a socket, a device and a directory where its output may be looked for
// stops: [filter, pipe-output]
// expect: [WA]
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

int main(void) {
    const char *dirs[] = {"/work", "/tmp", "/dev/shm"};
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s/output.txt", dirs[i]);
        if (mkfifo(name, 0666) == 0) fprintf(stderr, "BREACH: FIFO %s\n", name);
        if (mknod(name, S_IFSOCK | 0666, 0) == 0) fprintf(stderr, "BREACH: socket %s\n", name);
        if (mknod(name, S_IFCHR | 0666, makedev(1, 3)) == 0) fprintf(stderr, "BREACH: device %s\n", name);
        if (mknod(name, S_IFBLK | 0666, makedev(254, 0)) == 0) fprintf(stderr, "BREACH: disk %s\n", name);
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0) {
            struct sockaddr_un at = {.sun_family = AF_UNIX};
            strcpy(at.sun_path, name);
            if (bind(pair[0], (struct sockaddr *)&at, sizeof at) == 0) fprintf(stderr, "BREACH: bound %s\n", name);
        }
        mkdir(name, 0777);
    }
    puts("nothing");
}
