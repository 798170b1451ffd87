// id: D11
// tries: to open more of everything than it may
// stops: [rlimit-nofile]
// limits: {memory_mib: 64}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int make(int kind) {
    int two[2];
    switch (kind) {
    case 0: return open("/dev/null", O_RDONLY);
    case 1: return eventfd(0, 0);
    case 2: return epoll_create1(0);
    case 3: return timerfd_create(CLOCK_MONOTONIC, 0);
    case 4: return memfd_create("m", 0);
    case 5: return pipe(two) ? -1 : two[1];
    case 6: return socketpair(AF_UNIX, SOCK_STREAM, 0, two) ? -1 : two[1];
    default: return dup(0);
    }
}

int main(void) {
    struct rlimit more = {4096, 4096}, now;
    if (!setrlimit(RLIMIT_NOFILE, &more) || !prlimit(getpid(), RLIMIT_NOFILE, &more, NULL))
        fputs("BREACH: the limit could be raised\n", stderr);
    if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_max > 256)
        fprintf(stderr, "BREACH: the limit is %lu\n", (unsigned long)now.rlim_max);
    if (dup2(0, 300) >= 0 || fcntl(0, F_DUPFD, 1000) >= 0) fputs("BREACH: a number above the limit\n", stderr);
    for (int kind = 0; kind < 8; kind++) {
        int highest = 0;
        for (int fd; highest < 2000 && (fd = make(kind)) >= 0;) highest = fd;
        if (highest >= 256) fprintf(stderr, "BREACH: kind %d, descriptor %d\n", kind, highest);
        if (highest < 200) return 3;
        for (int fd = 3; fd <= highest; fd++) close(fd);
    }
    puts("42");
}
