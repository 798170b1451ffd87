// id: B24
// tries: to find a mount, at whatever depth, that may be written, gives rights by set-uid bits, or has devices that work
// stops: [read-only-root, read-only-trees, nosuid-trees, tmp-flags, work-flags, nodev-trees, proc-read-only]
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

int main(void) {
    FILE *file = fopen("/proc/self/mountinfo", "r");
    char line[1024];
    int seen = 0;
    while (file && fgets(line, sizeof line, file)) {
        char point[256], flags[256], child[300];
        if (sscanf(line, "%*s %*s %*s %*s %255s %255s", point, flags) != 2) continue;
        struct statvfs of;
        if (statvfs(point, &of)) continue;
        seen++;
        int mine = !strcmp(point, "/work") || !strcmp(point, "/tmp") || !strcmp(point, "/dev/shm"), device = !strncmp(point, "/dev/", 5) && !mine;
        int proc = !strcmp(point, "/proc");
        if (!mine && !(of.f_flag & ST_RDONLY)) fprintf(stderr, "BREACH: %s may be written\n", point);
        if (!(of.f_flag & ST_NOSUID)) fprintf(stderr, "BREACH: %s honours set-uid\n", point);
        if (!device && !(of.f_flag & ST_NODEV)) fprintf(stderr, "BREACH: %s has devices\n", point);
        if (proc && !(of.f_flag & ST_NOEXEC)) fprintf(stderr, "BREACH: %s executes\n", point);
        // A mount that is hidden by a later one shows only here.
        if (!strstr(flags, "nosuid") || (!device && !strstr(flags, "nodev"))) fprintf(stderr, "BREACH: %s is %s\n", point, flags);
        if (mine) continue;
        snprintf(child, sizeof child, "%s/.assay-corpus-B24", point);
        int fd = open(child, O_WRONLY | O_CREAT, 0600);
        if (fd >= 0 || mkdir(child, 0700) == 0 || symlink("x", child) == 0) fprintf(stderr, "BREACH: wrote %s\n", child);
        unlink(child);
        struct stat meta;
        if (!stat(point, &meta) && utimensat(AT_FDCWD, point, NULL, 0) == 0) fprintf(stderr, "BREACH: touched %s\n", point);
    }
    if (seen < 5) fprintf(stderr, "BREACH: only %d mounts were seen\n", seen);
    puts("42");
}
