// id: B14-run
// tries: to leave what cannot be removed, as are directories without permissions, files that are open, mapped, sealed or marked immutable
// stops: [drop-mount, filter, user-namespace]
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    const char *dirs[] = {"/work", "/tmp", "/dev/shm"};
    for (int i = 0; i < 3; i++) {
        chdir(dirs[i]);
        mkdir("locked", 0700);
        mkdir("locked/inner", 0700);
        int fd = open("locked/inner/file", O_RDWR | O_CREAT, 0600);
        ftruncate(fd, 1 << 16);
        char *map = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map != MAP_FAILED) map[4096] = 1;
        int flags[] = {FS_IMMUTABLE_FL, FS_APPEND_FL, FS_IMMUTABLE_FL | FS_NOATIME_FL};
        for (int j = 0; j < 3; j++)
            if (ioctl(fd, FS_IOC_SETFLAGS, &flags[j]) == 0) fprintf(stderr, "BREACH: flags %x in %s\n", flags[j], dirs[i]);
        struct fsxattr attr = {.fsx_xflags = FS_XFLAG_IMMUTABLE};
        if (ioctl(fd, FS_IOC_FSSETXATTR, &attr) == 0) fprintf(stderr, "BREACH: immutable in %s\n", dirs[i]);
        chmod("locked/inner/file", 0);
        chmod("locked/inner", 0);
        chmod("locked", 0);
        int gone = open("gone", O_RDWR | O_CREAT, 0600);
        unlink("gone");
        write(gone, "x", 1);
    }
    // A process that stays in a directory which is removed under it.
    if (fork() == 0) {
        mkdir("/work/cwd", 0700);
        chdir("/work/cwd");
        rmdir("/work/cwd");
        pause();
    }
    chmod("/work", 0);
    puts("42");
}
