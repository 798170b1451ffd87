// id: B26-hints
// tries: to leave a mark on a file that others see, by the hints and flags that a descriptor can set
// stops: [filter, user-namespace]
// needs: [x86_64]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"/usr/bin/env", "/usr/lib/os-release", "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/urandom", "/etc/passwd", "/usr", "/proc/self/fd/0"};
    for (int i = 0; i < 9; i++) {
        int fd = open(names[i], O_RDONLY);
        for (uint64_t hint = 1; hint < 6; hint++)
            if (fcntl(fd, F_SET_RW_HINT, &hint) == 0) fprintf(stderr, "BREACH: %s keeps a hint\n", names[i]);
        uint64_t got = 0;
        if (fcntl(fd, F_GET_RW_HINT, &got) == 0 && got) fprintf(stderr, "BREACH: %s has the hint %lu\n", names[i], got);
        int flags = FS_NOATIME_FL, version = 7;
        if (ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0 || ioctl(fd, FS_IOC_SETVERSION, &version) == 0) fprintf(stderr, "BREACH: %s keeps flags\n", names[i]);
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0) fprintf(stderr, "BREACH: %s takes a seal\n", names[i]);
        if (i < 8 && fcntl(fd, F_SETFL, O_NOATIME) == 0 && (fcntl(fd, F_GETFL) & O_NOATIME)) fprintf(stderr, "BREACH: %s is read without a trace\n", names[i]);
        if (fallocate(fd, 0, 0, 1) == 0 || ftruncate(fd, 0) == 0) fprintf(stderr, "BREACH: %s changes\n", names[i]);
        close(fd);
    }
    puts("42");
}
