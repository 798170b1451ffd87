// id: G15
// tries: to talk to the judge through descriptors that it forgot to close, in its own words
// stops: [close-descriptors, proc-hidepid]
// expect: [AC]

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    const char *frames[] = {"{\"Ended\":{\"status\":0,\"context_switches\":1,\"monotonic_ns\":1}}\n",
                            "{\"verdict\":\"AC\",\"reason\":\"\"}\n", "status:OK\nexitcode:0\ntime:0.000\n", "\0\0\0\0\0\0\0\0"};
    for (int fd = 3; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            continue;
        odd = 1;
        fprintf(stderr, "BREACH: descriptor %d is open\n", fd);
        for (int i = 0; i < 4; i++)
            write(fd, frames[i], strlen(frames[i]) + 8 * !*frames[i]);
    }
    for (int fd = 0; fd < 1024; fd++) {
        char room[CMSG_SPACE(sizeof(int))] = "";
        struct iovec part = {(void *)frames[0], strlen(frames[0])};
        struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        *(int *)CMSG_DATA(c) = 0;
        if (sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || (errno != EBADF && errno != ENOTSOCK)) {
            odd = 1;
            fprintf(stderr, "BREACH: a descriptor goes through %d\n", fd);
        }
    }
    // The input is not a way back, and the outputs are no way in.
    if (write(0, frames[0], strlen(frames[0])) >= 0) {
        odd = 1;
        fprintf(stderr, "BREACH: the input takes output\n");
    }
    char byte;
    for (int fd = 1; fd < 3; fd++)
        if (read(fd, &byte, 1) >= 0) {
            odd = 1;
            fprintf(stderr, "BREACH: the output %d can be read\n", fd);
        }
    // Nothing but these three and the one that lists them, and none of the process above.
    DIR *d = opendir("/proc/self/fd");
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.' && atoi(e->d_name) > 2 && atoi(e->d_name) != dirfd(d)) {
            odd = 1;
            fprintf(stderr, "BREACH: descriptor %s is listed\n", e->d_name);
        }
    if (opendir("/proc/1/fd") || opendir("/proc/1/task") || open("/proc/1/mem", O_RDWR) >= 0) {
        odd = 1;
        fprintf(stderr, "BREACH: process 1 shows its descriptors\n");
    }
    if (!odd)
        puts("42");
    return 0;
}
