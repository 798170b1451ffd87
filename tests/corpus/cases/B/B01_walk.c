// id: B01-walk
// tries: to find the expected output in some file that it can open, from the root and from ten levels up
// stops: [mount-namespace, detach-old-root, user-namespace]
// limits: {cpu_ms: 3000, wall_ms: 8000}
// expect: [WA]
// secret: true
// message: {checker: {kind: exact}}
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char text[16 << 10];
static int opened;

static void look(int dir, const char *name) {
    // Toolchains outside /usr are many files, too.
    int fd = opened < 4000 ? openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW) : -1;
    if (fd < 0) return;
    opened++;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    if (size <= 0) return;
    const char mark[] = {'C', 'A', 'N', 'A', 'R', 'Y', '_', 0};
    char *at = text;
    while ((at = memmem(at, text + size - at, mark, 7))) {
        size_t digits = strspn(at + 7, "0123456789abcdef");
        if (digits == 16) {
            fprintf(stderr, "BREACH: %s holds one\n", name);
            printf("%.23s\n", at);
            exit(0);
        }
        at += 7;
    }
}

static void walk(int fd, int depth) {
    DIR *dir = fdopendir(fd);
    if (!dir) { close(fd); return; }
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        struct stat meta;
        if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
        if (fstatat(fd, name, &meta, AT_SYMLINK_NOFOLLOW)) continue;
        // The toolchain is large and the same for everyone.
        if (depth == 0 && (!strcmp(name, "usr") || !strcmp(name, "sys"))) continue;
        if (S_ISREG(meta.st_mode)) look(fd, name);
        if (S_ISDIR(meta.st_mode) && depth < 12 && opened < 4000) {
            int child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
            if (child >= 0) walk(child, depth + 1);
        }
    }
    closedir(dir);
}

static void from(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd >= 0) walk(fd, 0);
}

int main(void) {
    from("@CANARY_DIR@");
    from("/..@CANARY_DIR@");
    from("/proc/self/root/../..@CANARY_DIR@");
    from("../../../../../../../../../..");
    from("/");
    printf("nothing in %d files\n", opened);
}
