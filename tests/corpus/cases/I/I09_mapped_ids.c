// id: I09
// tries: to find files that belong to the users that it and its init are on the host
// stops: [user-namespace, mount-namespace]
// limits: {cpu_ms: 4000, wall_ms: 10000}
// expect: [AC]
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void walk(const char *path, int depth) {
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char child[4096];
        struct stat meta;
        if (entry->d_name[0] == '.') continue;
        snprintf(child, sizeof child, "%s/%s", strcmp(path, "/") ? path : "", entry->d_name);
        if (!strcmp(child, "/work") || !strcmp(child, "/proc") || lstat(child, &meta)) continue;
        int shared = !strcmp(child, "/tmp") || !strcmp(child, "/dev/shm");
        if (meta.st_uid != 65534 && !(shared && meta.st_uid == 999)) fprintf(stderr, "BREACH: %s is of user %d\n", child, meta.st_uid);
        if (meta.st_gid != 65534 && !(shared && meta.st_gid == 999)) fprintf(stderr, "BREACH: %s is of group %d\n", child, meta.st_gid);
        if (!shared && !S_ISLNK(meta.st_mode) && !S_ISCHR(meta.st_mode) && access(child, W_OK) == 0) fprintf(stderr, "BREACH: may write %s\n", child);
        if (S_ISDIR(meta.st_mode) && depth < 3) walk(child, depth + 1);
    }
    if (dir) closedir(dir);
}

int main(void) {
    walk("/", 0);
    const char *names[] = {"@CANARY_DIR@", "@CANARY_DIR@/secret644", "@CANARY_DIR@/secret640", "@CANARY_DIR@/secret600", "@CANARY_DIR@/ids", "@SOCKET@"};
    for (int i = 0; i < 6; i++)
        if (access(names[i], F_OK) == 0 || open(names[i], O_RDONLY) >= 0) fprintf(stderr, "BREACH: %s is there\n", names[i]);
    puts("42");
}
