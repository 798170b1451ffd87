// id: C10-session
// tries: to find itself in the session or group of somebody else, or at a terminal
// stops: [setsid]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [AC]
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

int main(void) {
    if (getsid(0) != getpid()) printf("BREACH: the session of %d\n", getsid(0));
    if (getpgrp() != getpid()) printf("BREACH: the group of %d\n", getpgrp());
    if (getsid(0) == getsid(1)) puts("BREACH: the session of the init");
    if (getsid(1) != 1) printf("BREACH: the init is in the session of %d\n", getsid(1));
    if (open("/dev/tty", O_RDWR) >= 0) puts("BREACH: a terminal");
    for (int fd = 0; fd < 3; fd++) {
        if (isatty(fd)) printf("BREACH: %d is a terminal\n", fd);
        if (tcsetpgrp(fd, getpid()) == 0) printf("BREACH: %d has a foreground\n", fd);
    }
    if (setpgid(0, 1) == 0) puts("BREACH: in the group of the init");
    puts("42");
    return 0;
}
