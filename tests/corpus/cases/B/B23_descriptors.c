// id: B23
// tries: to get out through a directory that is open from before, or that it is in
// stops: [close-descriptors, mount-namespace, detach-old-root, getcwd-check]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void there(int dir, const char *path) {
    struct stat meta;
    if (fstatat(dir, path, &meta, 0) == 0) fprintf(stderr, "BREACH: %s from %d\n", path, dir);
}

int main(void) {
    for (int fd = 3; fd < 65536; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) continue;
        fprintf(stderr, "BREACH: descriptor %d\n", fd);
        there(fd, "../../../../../../../..@CANARY_DIR@/secret644");
        there(fd, "../../../../../../../../root");
    }
    struct stat root, above;
    stat("/", &root);
    const char *up[] = {"/..", "/../..", "../../../../../..", "/proc/self/root/..", "/proc/self/cwd/../..", "/work/../..", "/proc/self/fd/../../../.."};
    for (unsigned i = 0; i < sizeof up / sizeof *up; i++)
        if (stat(up[i], &above) == 0 && (above.st_ino != root.st_ino || above.st_dev != root.st_dev)) fprintf(stderr, "BREACH: %s is another root\n", up[i]);
    int here = open(".", O_PATH), top = open("/", O_PATH);
    for (int i = 0; i < 2; i++) {
        int dir = i ? top : here;
        fchdir(dir);
        for (int j = 0; j < 64; j++) chdir("..");
        if (stat(".", &above) || above.st_ino != root.st_ino || above.st_dev != root.st_dev) fprintf(stderr, "BREACH: climbed out\n");
        there(AT_FDCWD, "sys");
        there(AT_FDCWD, "boot");
        there(AT_FDCWD, "proc/1");
        there(dir, "../../../../../../../..@CANARY_DIR@");
    }
    char name[64];
    for (int fd = 0; fd < 16; fd++) {
        snprintf(name, sizeof name, "/proc/self/fd/%d/../../../../../..@CANARY_DIR@", fd);
        there(AT_FDCWD, name);
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        if (fd > 4 && chdir(name) == 0) fprintf(stderr, "BREACH: entered %s\n", name);
    }
    puts("42");
}
