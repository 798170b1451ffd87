// id: J08-ids
// tries: to tell tests apart by ids, descriptors, names, limits and the environment, which must all be the same in each
// stops: [constant-environment, fresh-run-per-test, pidns, utsns]
// expect: [AC]
// message: {stop: never, tests: [{id: "1", stdin: "1\n", expected: "42\n"}, {id: "2", stdin: "2\n", expected: "42\n"}, {id: "3", stdin: "3\n", expected: "42\n"}, {id: "4", stdin: "4\n", expected: "42\n"}, {id: "5", stdin: "5\n", expected: "42\n"}]}
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;

static int odd;
static void same(const char *what, long is, long should) {
    if (is != should) {
        printf("BRE" "ACH: %s is %ld\n", what, is);
        odd++;
    }
}

static long count(const char *directory) {
    long n = 0;
    DIR *d = opendir(directory);
    if (!d) return -1;
    while (readdir(d)) n++;
    closedir(d);
    return n - 2;
}

int main(int argc, char **argv) {
    struct utsname u;
    same("pid", getpid(), 2);
    same("parent", getppid(), 1);
    same("session", getsid(0), 2);
    same("arguments", argc, 1);
    same("descriptors", count("/proc/self/fd"), 4);
    same("files beside", count("/work") <= 2, 1);
    same("files in /tmp", count("/tmp"), 0);
    same("files in /dev/shm", count("/dev/shm"), 0);
    same("link to exe", strcmp(argv[0], "/work/program"), 0);
    uname(&u);
    for (char *c = u.nodename; *c; c++) same("digit in host's name", *c >= '0' && *c <= '9', 0);
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "PATH=", 5) && strncmp(*e, "HOME=", 5) && strncmp(*e, "TMPDIR=", 7) && strncmp(*e, "LANG=", 5)) same(*e, 1, 0);
    for (int i = 0; i < 16; i++) {
        struct rlimit limit;
        if (getrlimit(i, &limit) == 0 && limit.rlim_cur != limit.rlim_max) same("soft limit", i, -1);
    }
    if (!odd) puts("42");
    return 0;
}
