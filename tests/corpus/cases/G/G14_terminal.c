// id: G14
// tries: to type into a terminal that it shares with somebody, and to make one its own
// stops: [filter-ioctl, own-session, devices, filter-masks]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int odd;

static void refused(const char *what, int fd, unsigned long command, int wanted) {
    const unsigned long high[] = {0, 1UL << 32, 1UL << 63, 0xffffffff00000000UL};
    char key = 'x';
    for (int i = 0; i < 4; i++) {
        long r = syscall(SYS_ioctl, fd, command | high[i], &key);
        if (r >= 0) {
            odd = 1;
            fprintf(stderr, "BREACH: %s on %d, command %#lx\n", what, fd, command | high[i]);
        } else if (errno != wanted) {
            odd = 1;
            printf("%s on %d, command %#lx: %m\n", what, fd, command | high[i]);
        }
    }
}

int main(void) {
    // A session of its own has no terminal, and none of a parent's either.
    if (getsid(0) != getpid() || getpgrp() != getpid()) {
        odd = 1;
        fprintf(stderr, "BREACH: the session of somebody else, %d\n", getsid(0));
    }
    const char *names[] = {"/dev/tty", "/dev/tty0", "/dev/tty1", "/dev/console", "/dev/ptmx", "/dev/pts/0", "/dev/pts/ptmx",
                           "/dev/vcs", "/dev/ttyS0"};
    int fds[4] = {0, 1, 2, open("/dev/null", O_RDWR)};
    for (int i = 0; i < 9; i++) {
        int f = open(names[i], O_RDWR | O_NOCTTY);
        if (f >= 0 || errno != ENOENT) {
            odd = 1;
            fprintf(stderr, "BREACH: %s: %s\n", names[i], f >= 0 ? "opened" : strerror(errno));
        }
    }
    for (int i = 0; i < 3; i++)
        if (isatty(fds[i])) {
            odd = 1;
            fprintf(stderr, "BREACH: %d is a terminal\n", i);
        }
    for (int i = 0; i < 4; i++) {
        refused("TIOCSTI", fds[i], TIOCSTI, EPERM);
        refused("TIOCLINUX", fds[i], TIOCLINUX, EPERM);
        refused("TIOCSWINSZ", fds[i], TIOCSWINSZ, EPERM);
        refused("TIOCSCTTY", fds[i], TIOCSCTTY, ENOSYS);
        refused("TIOCNOTTY", fds[i], TIOCNOTTY, ENOSYS);
        refused("TIOCCONS", fds[i], TIOCCONS, EPERM);
        refused("TIOCSETD", fds[i], TIOCSETD, EPERM);
        refused("TCSETS", fds[i], TCSETS, ENOSYS);
        refused("TIOCGPTPEER", fds[i], TIOCGPTPEER, ENOSYS);
        refused("TIOCGDEV", fds[i], TIOCGDEV, ENOSYS);
    }
    if (!odd)
        puts("42");
    return 0;
}
