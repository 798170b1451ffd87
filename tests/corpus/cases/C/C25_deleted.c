// id: C25-deleted
// tries: to delete its own file, and to go on as a program whose file is gone
// stops: [exec-failure-is-the-programs]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char path[200] = "";
    readlink("/proc/self/exe", path, sizeof path - 1);
    if (argc > 2) {
        if (!strstr(path, "(deleted)")) puts("the file is still there");
        puts("42");
        return 0;
    }
    if (argc > 1) {
        unlink(path);
        execl("/proc/self/exe", "again", "and", "again", (char *)0);
        return 1;
    }
    // It is shown to all tests alike.
    if (!unlink(path) || errno != EBUSY) fprintf(stderr, "BREACH: its own file is gone, or: %m\n");
    if (!rename(path, "/work/other") || errno != EBUSY) fprintf(stderr, "BREACH: its own file has another name, or: %m\n");
    if (open(path, O_WRONLY) >= 0 || truncate(path, 0) == 0 || chmod(path, 0777) == 0) fputs("BREACH: its own file can be changed\n", stderr);
    static char all[1 << 22];
    int from = open(path, O_RDONLY), to = open("/work/copy", O_WRONLY | O_CREAT | O_EXCL, 0700);
    ssize_t size = read(from, all, sizeof all);
    if (size <= 0 || write(to, all, size) != size) return 2;
    close(to);
    execl("/work/copy", "copy", "again", (char *)0);
    return 1;
}
