// id: I11-climb
// tries: to leave its root by directories that are renamed, removed or open while it climbs
// stops: [mount-namespace, detach-old-root, proc-hidepid]
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct stat root;

static void check(const char *how) {
    struct stat here;
    for (int i = 0; i < 40; i++) {
        if (chdir("..")) break;
    }
    if (stat(".", &here) == 0 && (here.st_ino != root.st_ino || here.st_dev != root.st_dev) && access("etc", F_OK) == 0) fprintf(stderr, "BREACH: another root by %s\n", how);
    if (access("sys/kernel", F_OK) == 0 || access("boot", F_OK) == 0 || access("..@CANARY_DIR@", F_OK) == 0) fprintf(stderr, "BREACH: outside by %s\n", how);
    chdir("/work");
}

int main(void) {
    stat("/", &root);
    chdir("/work");
    mkdir("a", 0700);
    mkdir("a/b", 0700);
    mkdir("a/b/c", 0700);
    // Climbing from a directory that has gone to another place.
    chdir("a/b/c");
    rename("/work/a/b", "/work/moved");
    check("a renamed directory");
    chdir("/work/moved/c");
    rename("/work/moved", "/tmp/moved");
    check("a directory of another file system");
    mkdir("/work/gone", 0700);
    chdir("/work/gone");
    rmdir("/work/gone");
    check("a removed directory");
    int fd = open("/", O_PATH | O_DIRECTORY);
    fchdir(fd);
    check("a descriptor of the root");
    const char *paths[] = {"/proc/1/root", "/proc/1/cwd", "/proc/self/root", "/proc/self/task/../root", "/proc/@WORKER_PID@/root", "/proc/2/root", "/proc/self/cwd"};
    for (int i = 0; i < 7; i++) {
        if (chdir(paths[i])) continue;
        if (i < 2 || i == 4) fprintf(stderr, "BREACH: entered %s\n", paths[i]);
        check(paths[i]);
    }
    // Links that lead up are followed from this root, too.
    symlink("../../../../../../../..@CANARY_DIR@", "/work/up");
    symlink("/proc/self/root/..", "/work/root");
    if (access("/work/up", F_OK) == 0 || chdir("/work/root")) fprintf(stderr, "BREACH: a link\n");
    check("a link");
    puts("42");
}
