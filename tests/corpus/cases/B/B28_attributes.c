// id: B28
// tries: to give files attributes, such as capabilities, other labels, and what fills the kernel's memory beside the limit
// stops: [filter, user-namespace]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static char value[65536];

static void refused(const char *what, const char *name, const char *path, long result) {
    if (result >= 0) fprintf(stderr, "BREACH: %s %s on %s\n", what, name, path);
    else if (errno != ENOTSUP && errno != ENOSYS && errno != EBADF && errno != ENOENT) fprintf(stderr, "%s %s on %s: %m\n", what, name, path);
}

int main(void) {
    const char *names[] = {"security.capability", "security.selinux", "security.ima", "trusted.overlay.opaque", "trusted.overlay.redirect", "user.big", "user.x",
                           "system.posix_acl_access", "system.posix_acl_default", "btrfs.compression"};
    const char *files[] = {"/work/file", "/tmp/file", "/dev/shm/file", "/usr/bin/env", "/work", "/tmp"};
    // A version 2 capability: everything permitted, and effective.
    unsigned char all[20] = {1, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
    for (int i = 0; i < 6; i++) {
        int fd = open(files[i], i < 3 ? O_RDWR | O_CREAT : O_RDONLY, 0700);
        for (unsigned j = 0; j < sizeof names / sizeof *names; j++) {
            int size = j == 0 ? 20 : j == 5 ? sizeof value : 8;
            const void *content = j == 0 ? (void *)all : value;
            refused("setxattr", names[j], files[i], setxattr(files[i], names[j], content, size, 0));
            refused("lsetxattr", names[j], files[i], lsetxattr(files[i], names[j], content, size, 0));
            refused("fsetxattr", names[j], files[i], fsetxattr(fd, names[j], content, size, 0));
            refused("getxattr", names[j], files[i], getxattr(files[i], names[j], value, sizeof value));
            refused("removexattr", names[j], files[i], removexattr(files[i], names[j]));
            struct { unsigned long at; unsigned int size, flags; } by = {(unsigned long)content, size, 0};
            refused("setxattrat", names[j], files[i], syscall(463, AT_FDCWD, files[i], 0, names[j], &by, sizeof by));
        }
        refused("listxattr", "", files[i], listxattr(files[i], value, sizeof value));
        refused("flistxattr", "", files[i], flistxattr(fd, value, sizeof value));
        refused("listxattrat", "", files[i], syscall(465, AT_FDCWD, files[i], 0, value, sizeof value));
        close(fd);
    }
    puts("42");
}
