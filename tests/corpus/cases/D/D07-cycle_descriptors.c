// id: D07-cycle
// tries: to leave sockets behind that hold each other
// stops: [rlimit-nofile, memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 32}
// expect: [AC]
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int give(int over, int what) {
    char control[CMSG_SPACE(sizeof what)] = {0};
    struct iovec data = {"x", 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof what);
    memcpy(CMSG_DATA(header), &what, sizeof what);
    return sendmsg(over, &message, MSG_DONTWAIT) > 0;
}

int main(void) {
    int given = 0;
    for (int i = 0; i < 2000; i++) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)) return 3;
        // Each is in the other's queue, and nobody else has either.
        given += give(ends[0], ends[0]) + give(ends[1], ends[1]);
        close(ends[0]);
        close(ends[1]);
    }
    if (given == 0) return 4;
    puts("42");
}
