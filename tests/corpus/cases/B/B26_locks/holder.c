#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"/usr/bin/env", "/usr/lib/os-release", "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/proc/self/ns/time", "/usr", "/"};
    for (int i = 0; i < 8; i++) {
        int fd = open(names[i], i == 3 || i == 4 ? O_RDWR : O_RDONLY);
        struct flock read_lock = {.l_type = F_RDLCK}, write_lock = {.l_type = F_WRLCK};
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) fprintf(stderr, "BREACH: flock on %s\n", names[i]);
        if (fcntl(fd, F_SETLK, &read_lock) == 0) fprintf(stderr, "BREACH: lock on %s\n", names[i]);
        if (fcntl(fd, F_OFD_SETLK, &read_lock) == 0) fprintf(stderr, "BREACH: description lock on %s\n", names[i]);
        if (fcntl(fd, F_SETLK, &write_lock) == 0) fprintf(stderr, "BREACH: exclusive lock on %s\n", names[i]);
        if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) fprintf(stderr, "BREACH: lease on %s\n", names[i]);
        if (fcntl(fd, F_NOTIFY, 1) == 0) fprintf(stderr, "BREACH: notification of %s\n", names[i]);
    }
    usleep(1000000);
    puts("42");
}
