// id: I10
// tries: to read by a group that the worker was in and that nobody took away
// stops: [supplementary-groups, user-namespace, filter]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    gid_t groups[256];
    int count = getgroups(256, groups);
    for (int i = 0; i < count; i++) fprintf(stderr, "BREACH: in group %d\n", groups[i]);
    if (getgid() != 1000 || getegid() != 1000) fprintf(stderr, "BREACH: group %d\n", getegid());
    gid_t wanted[] = {0, 4, 6, 27, 42, 999, 1000};
    for (int i = 0; i <= 7; i++)
        if (setgroups(i, wanted) == 0) fprintf(stderr, "BREACH: took %d groups\n", i);
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "Groups:", 7) && strspn(line + 7, " \t\n") != strlen(line + 7)) fprintf(stderr, "BREACH: %s", line);
    // Files that only root's group may read.
    const char *names[] = {"@CANARY_DIR@/secret640", "/etc/shadow", "/etc/gshadow", "/dev/mem", "/dev/kmem", "/dev/vda", "/proc/self/root@CANARY_DIR@/secret640"};
    for (int i = 0; i < 7; i++) {
        int fd = open(names[i], O_RDONLY);
        if (fd < 0) continue;
        ssize_t size = read(fd, line, sizeof line - 1);
        fprintf(stderr, "BREACH: %s: %.*s\n", names[i], (int)(size > 0 ? size : 0), line);
    }
    // One that this group would have to itself is not opened by it.
    int fd = open("/work/of-group", O_CREAT | O_WRONLY, 0040);
    close(fd);
    if (open("/work/of-group", O_RDONLY) >= 0) fprintf(stderr, "BREACH: the owner reads what the group may read\n");
    puts("42");
}
