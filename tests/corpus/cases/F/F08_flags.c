// id: F08
// tries: to change how the judge reads, by the flags and the owner of what they share
// stops: [separate-descriptions]
// limits: {cpu_ms: 2000, wall_ms: 8000, pids: 4, stdout_kib: 1024}
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void) {
    for (int fd = 0; fd < 3; fd++) {
        fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC | O_APPEND | O_DIRECT);
        fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC | O_APPEND);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        fcntl(fd, F_SETOWN, 1);
        fcntl(fd, F_SETOWN, -1);
        fcntl(fd, F_SETSIG, SIGKILL);
        struct f_owner_ex owner = {F_OWNER_PID, 1};
        fcntl(fd, F_SETOWN_EX, &owner);
        int on = 1;
        ioctl(fd, FIONBIO, &on);
        ioctl(fd, FIOASYNC, &on);
        fcntl(fd, F_SETFD, 0);
        if (fd > 0 && fcntl(fd, F_SETPIPE_SZ, 1 << 20) > 1 << 16) puts("BREACH: a larger pipe");
    }
    // More than the pipe holds, so that it is told to come again.
    static char text[300000];
    memset(text, '\n', sizeof text);
    for (size_t done = 0; done < sizeof text;) {
        long written = write(1, text + done, sizeof text - done);
        if (written > 0) done += written;
        else if (errno == EAGAIN) usleep(100);
        else return 1;
    }
    while (write(1, "42\n", 3) != 3) usleep(100);
    return 0;
}
