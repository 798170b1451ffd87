// id: J09-locks
// tries: to leave word for a test that runs at the same time, in locks and leases on files that all of them see
// stops: [no-locks]
// expect: [AC]
// message: {stop: never, tests: [{id: "1", stdin: "1\n", expected: "42\n"}, {id: "2", stdin: "2\n", expected: "42\n"}, {id: "3", stdin: "3\n", expected: "42\n"}, {id: "4", stdin: "4\n", expected: "42\n"}]}
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    static const char *const files[] = {"/usr/bin/env", "/etc/ld.so.cache", "/dev/null", "/proc/self/ns/time", "/dev/zero", "/usr"};
    int busy = 0, got = 0;
    for (int i = 0; i < 6; i++) {
        int fd = open(files[i], O_RDONLY);
        if (fd < 0) continue;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) got++;
        else if (errno == EWOULDBLOCK) busy++;
        struct flock lock = {.l_type = F_RDLCK};
        if (fcntl(fd, F_SETLK, &lock) == 0) got++;
        if (fcntl(fd, F_OFD_SETLK, &lock) == 0) got++;
        struct flock test = {.l_type = F_WRLCK};
        if (fcntl(fd, F_GETLK, &test) == 0 && test.l_type != F_UNLCK) busy++;
        if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) got++;
    }
    usleep(400000);
    if (busy) printf("BRE" "ACH: %d files are locked by another\n", busy);
    if (got) printf("BRE" "ACH: %d locks were given\n", got);
    puts("42");
    return 0;
}
