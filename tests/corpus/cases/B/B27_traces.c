// id: B27-own
// tries: to leave traces in what others see by reading, such as times of access, notifications, what is in the page cache
// stops: [read-only-trees, filter]
// needs: [x86_64]
// limits: {cpu_ms: 3000, wall_ms: 8000}
// expect: [AC]
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int looked, stale;

static void look(const char *path) {
    struct stat before, after;
    if (looked > 2000 || lstat(path, &before) || (!S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode))) return;
    looked++;
    // Reading sets the time of access of those that were changed since, or not read for a day.
    stale += before.st_atime <= before.st_mtime || before.st_atime <= before.st_ctime || before.st_atime + 86400 < time(NULL);
    int fd = open(path, O_RDONLY);
    char bytes[4096];
    if (S_ISREG(before.st_mode)) {
        if (read(fd, bytes, sizeof bytes) < 0) return;
    } else {
        syscall(SYS_getdents64, fd, bytes, sizeof bytes);
    }
    fstat(fd, &after);
    close(fd);
    if (before.st_atim.tv_sec != after.st_atim.tv_sec || before.st_atim.tv_nsec != after.st_atim.tv_nsec)
        fprintf(stderr, "BREACH: the time of access of %s changed\n", path);
}

int main(void) {
    if (syscall(SYS_inotify_init) >= 0 || syscall(SYS_inotify_init1, 0) >= 0) fprintf(stderr, "BREACH: inotify\n");
    const char *dirs[] = {"/usr/share/doc", "/usr/share/perl", "/usr/lib", "/usr/include", "/usr/share/man", "/etc/alternatives", "/usr/share/zoneinfo", "/usr/share", "/usr/bin"};
    for (int i = 0; i < 9; i++) {
        look(dirs[i]);
        DIR *dir = opendir(dirs[i]);
        char path[512];
        int left = 200;
        for (struct dirent *entry; dir && left-- && (entry = readdir(dir));) {
            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", dirs[i], entry->d_name);
            look(path);
        }
    }
    fprintf(stderr, "%d files, %d of them not read for long\n", looked, stale);
    // Which pages of a file are in memory is told to those only who may write it.
    int fd = open("/usr/bin/env", O_RDONLY);
    unsigned char pages[16];
    void *map = mmap(0, 16 * 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    struct stat meta;
    fstat(fd, &meta);
    int count = meta.st_size < 16 * 4096 ? meta.st_size / 4096 : 16;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (map != MAP_FAILED && mincore(map, count * 4096, pages) == 0)
        for (int i = 0; i < count; i++)
            if (!(pages[i] & 1)) fprintf(stderr, "BREACH: page %d is not in memory\n", i);
    puts("42");
}
