// id: G07
// tries: to reach local sockets of the host, by path and by abstract name, also with datagrams from one end of a pair
// stops: [filter-socket, net-namespace, mount-namespace]
// expect: [AC]

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

static int odd;

static void reach(const char *name, int abstract) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path + abstract, name, sizeof to.sun_path - 2);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name) + !abstract;
    const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int i = 0; i < 3; i++) {
        int s = socket(AF_UNIX, types[i], 0), pair[2];
        if (s < 0 && errno != EAFNOSUPPORT) {
            odd = 1;
            printf("socket: %m\n");
        }
        if (s >= 0) {
            odd = 1;
            printf("there is a local socket\n");
            if (connect(s, (void *)&to, length) == 0)
                fprintf(stderr, "BREACH: %s takes a connection\n", name);
            close(s);
        }
        // A pair is allowed, and an end of it can be told where to send; it has no way to be connected elsewhere.
        if (socketpair(AF_UNIX, types[i], 0, pair) < 0) {
            odd = 1;
            printf("socketpair: %m\n");
            continue;
        }
        if (connect(pair[0], (void *)&to, length) == 0)
            fprintf(stderr, "BREACH: an end of a pair reaches %s\n", name);
        else if (errno != EPERM) {
            odd = 1;
            printf("connect: %m\n");
        }
        struct iovec part = {"x", 1};
        struct msghdr message = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
        long sent = types[i] == SOCK_DGRAM ? sendto(pair[0], "x", 1, MSG_DONTWAIT, (void *)&to, length) : -1;
        int how = errno;
        if (types[i] == SOCK_DGRAM && sent < 0)
            sent = sendmsg(pair[0], &message, MSG_DONTWAIT);
        // Another type or a full queue would show that somebody is there.
        if (types[i] == SOCK_DGRAM && (sent >= 0 || (how != ENOENT && how != ECONNREFUSED && how != EACCES))) {
            odd = 1;
            fprintf(stderr, "BREACH: a datagram to %s: %s\n", name, sent >= 0 ? "sent" : strerror(how));
        }
        close(pair[0]);
        close(pair[1]);
    }
}

int main(void) {
    reach("@ABSTRACT@", 1);
    reach("/org/freedesktop/systemd1/notify", 1);
    reach("/tmp/.X11-unix/X0", 1);
    const char *paths[] = {"@SOCKET@", "/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
                           "/run/dbus/system_bus_socket", "/dev/log", "/run/systemd/journal/socket",
                           "/run/systemd/journal/dev-log", "/run/systemd/notify", "/run/systemd/private",
                           "/run/nscd/socket", "/run/postgresql/.s.PGSQL.5432", "/tmp/.X11-unix/X0"};
    struct stat seen;
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        reach(paths[i], 0);
        if (stat(paths[i], &seen) == 0) {
            odd = 1;
            fprintf(stderr, "BREACH: %s is there\n", paths[i]);
        }
    }
    // The library's own way to the log, more than a few times.
    openlog("assay-corpus", LOG_NDELAY, LOG_USER);
    for (int i = 0; i < 100; i++)
        syslog(LOG_ERR, "this line must not be in any log");
    char line[512];
    FILE *f = fopen("/proc/self/net/unix", "r");
    while (f && fgets(line, sizeof line, f))
        if (strstr(line, "@ABSTRACT@") || strstr(line, "@SOCKET@")) {
            odd = 1;
            fprintf(stderr, "BREACH: listed: %s", line);
        }
    if (!odd)
        puts("42");
    return 0;
}
