// id: B02-change
// tries: to open for writing, truncate, remove, rename, chmod or touch files that are not its own
// stops: [read-only-root, read-only-trees, user-namespace]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void refused(const char *what, const char *path, int result) {
    if (result >= 0) fprintf(stderr, "BREACH: %s %s\n", what, path);
}

int main(void) {
    const char *paths[] = {"/", "/etc", "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/ld.so.cache", "/etc/alternatives", "/usr", "/usr/bin",
                           "/usr/bin/env", "/usr/lib", "/usr/local", "/bin", "/dev", "/proc", "/dev/fd", "/dev/stdin", "/var", "/usr/lib/os-release"};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *path = paths[i];
        if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW)) continue;
        struct stat meta;
        if (!lstat(path, &meta) && S_ISREG(meta.st_mode)) {
            // Nothing is cut or written where it works: the size that it has is set again.
            refused("open", path, open(path, O_WRONLY));
            refused("truncate", path, truncate(path, meta.st_size));
        }
        if (!S_ISLNK(meta.st_mode)) refused("chmod", path, chmod(path, meta.st_mode & 07777));
        refused("touch", path, utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW));
        char other[256];
        snprintf(other, sizeof other, "%s.assay-corpus", path);
        if (rename(path, other) == 0) {
            fprintf(stderr, "BREACH: rename %s\n", path);
            rename(other, path);
        }
        if (symlink("x", other) == 0) {
            fprintf(stderr, "BREACH: symlink %s\n", other);
            unlink(other);
        }
    }
    puts("42");
}
