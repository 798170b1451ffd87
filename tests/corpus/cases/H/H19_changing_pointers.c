// id: H19
// tries: to change what a pointer points to after a filter may have looked at it - a path, an address, flags of a clone
// stops: [filter-integers-only, filter-socket, filter-default, mount-namespace]
// limits: {cpu_ms: 4000, wall_ms: 9000}
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// A page at an address that somebody might compare with, and whose content never rests.
static struct page {
    char path[64];
    struct sockaddr_un to;
    struct clone_args clone;
} *volatile page;
static volatile int stop;

static void *swap(void *p) {
    for (int i = 0; !stop; i++) {
        strcpy(page->path, i & 1 ? "@CANARY_DIR@/secret644" : "/usr/bin/env");
        page->to.sun_path[1] = i & 1 ? 'a' : 'x';
        page->clone.flags = i & 1 ? CLONE_NEWUSER : 0;
    }
    return p;
}

int main(void) {
    int odd = 0, pair[2];
    page = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page->to.sun_family = AF_UNIX;
    strcpy(page->to.sun_path + 1, "assay-corpus-g07");
    page->clone.exit_signal = SIGCHLD;
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
        return 1;
    pthread_t t;
    pthread_create(&t, 0, swap, 0);
    for (int i = 0; i < 5000 && !odd; i++) {
        char text[64] = "";
        int f = open(page->path, O_RDONLY);
        if (f >= 0 && read(f, text, 63) > 0 && memcmp(text, "\x7f" "ELF", 4)) {
            odd = 1;
            fprintf(stderr, "BREACH: it says %s\n", text);
        }
        close(f);
        if (sendto(pair[0], "x", 1, MSG_DONTWAIT, (void *)&page->to, 19) >= 0) {
            odd = 1;
            fprintf(stderr, "BREACH: a datagram went out\n");
        }
        long r = syscall(SYS_clone3, &page->clone, sizeof page->clone);
        if (r == 0)
            _exit(0);
        if (r > 0 || errno != ENOSYS) {
            odd = 1;
            fprintf(stderr, "BREACH: clone3 returned %ld: %m\n", r);
        }
        if (i % 500 == 0 && fork() == 0) {
            // A path that is compared by its address would let anything run from here.
            char *arguments[] = {page->path, "-i", "true", 0}, *none[] = {0};
            strcpy(page->path, "/usr/bin/env");
            dup2(open("/dev/null", O_WRONLY), 2);
            execve(page->path, arguments, none);
            _exit(0);
        }
    }
    stop = 1;
    pthread_join(t, 0);
    while (wait(0) > 0) {
    }
    if (!odd)
        puts("42");
    return 0;
}
