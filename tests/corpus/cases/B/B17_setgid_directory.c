// id: B17-inherit
// tries: to get files of another user or group by set-gid directories, chown and the sticky directory of somebody else
// stops: [filter, capabilities, user-namespace]
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    const char *dirs[] = {"/work", "/tmp", "/dev/shm"};
    for (int i = 0; i < 3; i++) {
        chdir(dirs[i]);
        chmod(".", 06777);
        mkdir("d", 0777);
        chmod("d", 06777);
        const char *names[] = {"file", "d/file"};
        for (int j = 0; j < 2; j++) {
            int fd = open(names[j], O_WRONLY | O_CREAT, 0777);
            int ids[] = {0, 999, 1001, 65534, -2};
            for (int k = 0; k < 5; k++) {
                if (fchown(fd, ids[k], -1) == 0 || fchown(fd, -1, ids[k]) == 0 || chown(names[j], ids[k], ids[k]) == 0 || lchown(names[j], ids[k], ids[k]) == 0 ||
                    fchownat(AT_FDCWD, names[j], ids[k], ids[k], AT_SYMLINK_NOFOLLOW) == 0)
                    fprintf(stderr, "BREACH: gave %s/%s to %d\n", dirs[i], names[j], ids[k]);
            }
            fchmod(fd, 06777);
            struct stat meta;
            fstat(fd, &meta);
            if (meta.st_uid != 1000 || meta.st_gid != 1000) fprintf(stderr, "BREACH: %s/%s is of %d:%d\n", dirs[i], names[j], meta.st_uid, meta.st_gid);
        }
    }
    puts("42");
}
