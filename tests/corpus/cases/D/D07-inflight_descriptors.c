// id: D07-inflight
// tries: to have many more open files than it may, by keeping them in messages that nobody receives
// stops: [rlimit-nofile]
// limits: {memory_mib: 32}
// expect: [AC]
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_ONCE 200

int main(void) {
    int files[AT_ONCE], hidden = 0;
    char control[CMSG_SPACE(sizeof files)];
    for (int round = 0; round < 20; round++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)) return 3;
        for (int i = 0; i < AT_ONCE; i++)
            if ((files[i] = open("/dev/null", O_RDONLY)) < 0) return 4;
        memset(control, 0, sizeof control);
        struct iovec data = {"x", 1};
        struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof files);
        memcpy(CMSG_DATA(header), files, sizeof files);
        int sent = sendmsg(ends[0], &message, MSG_DONTWAIT) > 0;
        for (int i = 0; i < AT_ONCE; i++) close(files[i]);
        if (!sent) break;
        hidden += AT_ONCE;
    }
    if (hidden > 1024) fprintf(stderr, "BREACH: %d files in flight\n", hidden);
    if (hidden == 0) return 5;
    puts("42");
}
