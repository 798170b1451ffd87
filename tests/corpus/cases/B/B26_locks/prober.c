#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"/usr/bin/env", "/usr/lib/os-release", "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/proc/self/ns/time", "/usr", "/"};
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 8; i++) {
            int fd = open(names[i], i == 3 || i == 4 ? O_RDWR : O_RDONLY);
            struct flock lock = {.l_type = F_WRLCK};
            if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno == EWOULDBLOCK) fprintf(stderr, "BREACH: flock on %s says %d\n", names[i], errno);
            if (fcntl(fd, F_GETLK, &lock) == 0) fprintf(stderr, "BREACH: %s is %slocked\n", names[i], lock.l_type == F_UNLCK ? "un" : "");
            lock = (struct flock){.l_type = F_WRLCK};
            if (fcntl(fd, F_OFD_GETLK, &lock) == 0) fprintf(stderr, "BREACH: %s is %slocked\n", names[i], lock.l_type == F_UNLCK ? "un" : "");
            if (fcntl(fd, F_GETLEASE) >= 0) fprintf(stderr, "BREACH: %s tells of leases\n", names[i]);
            close(fd);
        }
        usleep(50000);
    }
    puts("42");
}
