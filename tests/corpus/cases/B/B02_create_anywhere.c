// id: B02-create
// tries: to create a file in every directory that it can reach
// stops: [read-only-root, read-only-trees, user-namespace]
// limits: {cpu_ms: 3000, wall_ms: 8000}
// stdout: "/dev/shm\n/tmp\n/work\n"
// expect: [AC]
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *found[256];
static int count;

static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void walk(const char *path, int depth) {
    char child[4096];
    snprintf(child, sizeof child, "%s/.assay-corpus-B02", path);
    int fd = open(child, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd >= 0) {
        close(fd);
        unlink(child);
        if (count < 256) found[count++] = strdup(*path ? path : "/");
    }
    DIR *dir = opendir(*path ? path : "/");
    if (!dir) return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct stat meta;
        if (entry->d_name[0] == '.') continue;
        snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (entry->d_type != DT_DIR || lstat(child, &meta)) continue;
        // Not every leaf of the toolchain: its mounts' flags are a case of their own.
        if (depth < (strncmp(path, "/usr", 4) ? 8 : 3)) walk(child, depth + 1);
    }
    closedir(dir);
}

int main(void) {
    walk("", 0);
    qsort(found, count, sizeof *found, by_name);
    for (int i = 0; i < count; i++) {
        if (strcmp(found[i], "/work") && strcmp(found[i], "/tmp") && strcmp(found[i], "/dev/shm"))
            fprintf(stderr, "BREACH: can write in %s\n", found[i]);
        puts(found[i]);
    }
}
