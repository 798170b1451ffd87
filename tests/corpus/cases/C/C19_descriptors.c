// id: C19
// tries: to find descriptors that are not its own and to write a status into them
// stops: [close-range, cloexec]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    for (int fd = 3; fd < 70000; fd++) {
        if (fcntl(fd, F_GETFD) < 0) continue;
        char path[40], target[200] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        readlink(path, target, sizeof target - 1);
        printf("BREACH: descriptor %d is %s\n", fd, target);
        dprintf(fd, "{\"Ended\":{\"status\":0}}\nstatus:OK\nexitcode:0\n");
        if (fchdir(fd) == 0) puts("BREACH: and a directory");
    }
    // The directory itself is one that was opened here.
    DIR *list = opendir("/proc/self/fd");
    for (struct dirent *entry; list && (entry = readdir(list));)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) > 2 && atoi(entry->d_name) != dirfd(list))
            printf("BREACH: /proc/self/fd has %s\n", entry->d_name);
    puts("42");
    return 0;
}
