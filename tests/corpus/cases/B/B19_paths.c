// id: B19-names
// tries: to learn from its own files where on the host, in which job and by which worker it is run
// stops: [detached-mounts, cgroup-namespace, uts-namespace, mount-namespace]
// expect: [AC]
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static char text[1 << 16];

static const char *slurp(const char *path) {
    int fd = open(path, O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    return text;
}

int main(void) {
    // In each line of mountinfo: the part of the file system that is mounted, and where.
    int roots = 0;
    for (char *line = strtok((char *)slurp("/proc/self/mountinfo"), "\n"); line; line = strtok(NULL, "\n")) {
        char root[256], point[256];
        if (sscanf(line, "%*d %*d %*s %255s %255s", root, point) != 2) continue;
        roots += !strcmp(point, "/");
        char device[300];
        snprintf(device, sizeof device, "/dev%s", root);
        // A large program is shown from a file system of its own.
        int is_program = !strcmp(root, "/file") && !strncmp(point, "/work/", 6);
        if (strcmp(root, "/") && strcmp(root, point) && strcmp(device, point) && !is_program) fprintf(stderr, "BREACH: mount %s of %s\n", point, root);
    }
    if (roots != 1) fprintf(stderr, "BREACH: %d roots\n", roots);
    for (char *line = strtok((char *)slurp("/proc/self/cgroup"), "\n"); line; line = strtok(NULL, "\n")) {
        char *path = strrchr(line, ':');
        if (!path || strcmp(path, ":/")) fprintf(stderr, "BREACH: group %s\n", line);
    }
    const char *files[] = {"/proc/self/mountinfo", "/proc/self/mounts", "/proc/self/mountstats", "/proc/self/cgroup", "/proc/self/maps", "/proc/self/smaps",
                           "/proc/self/stat", "/proc/self/status", "/proc/self/environ", "/proc/self/cmdline", "/proc/self/limits", "/proc/self/cpuset",
                           "/proc/self/comm", "/proc/self/sched", "/proc/self/autogroup", "/proc/self/fdinfo/0", "/proc/self/fdinfo/1"};
    const char *words[] = {"worker", "assay", "@CANARY_DIR@", "/root/", "/home/", "launcher", "bootstrap", "slot"};
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        slurp(files[i]);
        for (unsigned j = 0; j < sizeof words / sizeof *words; j++) {
            char *at = strcasestr(text, words[j]);
            // Toolchains that are kept there are shown where they are.
            if (at && !(j == 3 && strstr(files[i], "mount"))) fprintf(stderr, "BREACH: %s: %.80s\n", files[i], at);
        }
    }
    char cwd[256] = "";
    if (!getcwd(cwd, sizeof cwd) || strcmp(cwd, "/work")) fprintf(stderr, "BREACH: directory %s\n", cwd);
    const char *links[] = {"/proc/self/exe", "/proc/self/cwd", "/proc/self/root", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"};
    for (int i = 0; i < 6; i++) {
        char target[256] = "";
        readlink(links[i], target, sizeof target - 1);
        if (i < 3 && strncmp(target, i == 2 ? "/" : "/work", i == 2 ? 2 : 5)) fprintf(stderr, "BREACH: %s is %s\n", links[i], target);
        if (strcasestr(target, "assay") || strcasestr(target, "unreachable") || strstr(target, "@CANARY_DIR@")) fprintf(stderr, "BREACH: %s is %s\n", links[i], target);
    }
    struct utsname name;
    uname(&name);
    if (strcmp(name.nodename, "box") || strcmp(name.domainname, "(none)")) fprintf(stderr, "BREACH: host %s, domain %s\n", name.nodename, name.domainname);
    if (getpid() > 50 || getppid() > 1) fprintf(stderr, "BREACH: process %d of %d\n", getpid(), getppid());
    puts("42");
}
