// id: B08-run
// tries: to get a hard link to a file that is not its own into its own directories
// stops: [own-work-mount, user-namespace, read-only-root]
// expect: [WA]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void refused(const char *what, int result) {
    if (result == 0) fprintf(stderr, "BREACH: %s\n", what);
}

int main(void) {
    const char *theirs[] = {"/usr/bin/env", "/etc/passwd", "/etc/ld.so.cache", "/dev/null", "/proc/self/environ", "/proc/self/exe",
                            "/proc/1/exe", "@CANARY_DIR@/secret644", "/usr/bin/su"};
    const char *dirs[] = {"/work/o", "/tmp/o", "/dev/shm/o"};
    for (unsigned i = 0; i < sizeof theirs / sizeof *theirs; i++)
        for (int j = 0; j < 3; j++) {
            // Its own binary may have a second name in its own directory.
            if (i == 5 && j == 0) continue;
            refused(theirs[i], linkat(AT_FDCWD, theirs[i], AT_FDCWD, dirs[j], AT_SYMLINK_FOLLOW));
            int fd = open(theirs[i], O_PATH);
            refused(theirs[i], linkat(fd, "", AT_FDCWD, dirs[j], AT_EMPTY_PATH));
            close(fd);
        }
    for (int fd = 0; fd < 3; fd++)
        for (int j = 0; j < 3; j++) {
            char path[32];
            snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
            refused(path, linkat(AT_FDCWD, path, AT_FDCWD, dirs[j], AT_SYMLINK_FOLLOW));
            refused(path, linkat(fd, "", AT_FDCWD, dirs[j], AT_EMPTY_PATH));
        }
    // Three file systems, not one.
    close(creat("/work/mine", 0666));
    refused("/work and /tmp are one", link("/work/mine", "/tmp/mine"));
    refused("/work and /dev/shm are one", rename("/work/mine", "/dev/shm/mine"));
    puts("nothing");
}
