// id: H18
// tries: to lose the filter by executing itself again and again
// stops: [filter, no-new-privileges]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static int odd;

static void refused(const char *what, long r, int wanted) {
    if (r >= 0) {
        odd = 1;
        fprintf(stderr, "BREACH: %s\n", what);
    } else if (errno != wanted) {
        odd = 1;
        printf("%s: %m\n", what);
    }
}

int main(int argc, char **argv) {
    int generation = argc > 1 ? atoi(argv[1]) : 0;
    struct flock whole = {.l_type = F_RDLCK};
    refused("a socket", socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
    refused("a namespace", syscall(SYS_clone, CLONE_NEWUSER | 17L, 0, 0, 0, 0), EPERM);
    refused("clone3", syscall(SYS_clone3, 0, 0), ENOSYS);
    refused("a ring", syscall(SYS_io_uring_setup, 1, 0), ENOSYS);
    refused("a filter", syscall(SYS_seccomp, 1, 0, 0), EPERM);
    refused("reaping", prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), EPERM);
    refused("typing", ioctl(0, TIOCSTI, "x"), EPERM);
    refused("a personality", syscall(SYS_personality, 0x40000), EPERM);
    refused("a lock", fcntl(0, F_SETLK, &whole), ENOLCK);
    refused("an attribute", setxattr("/tmp", "user.x", "x", 1, 0), ENOTSUP);
    refused("a user", setuid(0), EPERM);
    refused("an owner", chown("/tmp", 1000, 1000), EPERM);
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
        odd = 1;
        fprintf(stderr, "BREACH: no filter in generation %d\n", generation);
    }
    if (odd) {
        printf("in generation %d\n", generation);
        return 0;
    }
    if (generation == 10) {
        puts("42");
        return 0;
    }
    // Every other time through a child, and a shell in between.
    char number[16], *next[] = {argv[0], number, 0}, *shell[] = {"sh", "-c", "exec \"$0\" \"$1\"", argv[0], number, 0}, *none[] = {0};
    snprintf(number, sizeof number, "%d", generation + 1);
    fflush(stdout);
    if (generation % 2 == 0)
        execve("/proc/self/exe", next, environ);
    else if (fork() == 0)
        execve(generation % 3 ? "/bin/sh" : argv[0], generation % 3 ? shell : next, none);
    else
        wait(0);
    return 0;
}
