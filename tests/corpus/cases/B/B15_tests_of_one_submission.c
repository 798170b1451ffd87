// id: B15-tests
// tries: to leave something in one test that another test of the same submission finds
// stops: [fresh-tmpfs, ipc-namespace, pid-namespace]
// message: {stop: never, tests: [{id: "1", stdin: "7\n", expected: "42\n"}, {id: "2", stdin: "7\n", expected: "42\n"}, {id: "3", stdin: "7\n", expected: "42\n"}, {id: "4", stdin: "7\n", expected: "42\n"}]}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    const char *dirs[] = {"/work", "/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/var/lock", "/var/lib/php/sessions", "/var/lib/ghc", "/home", "/", "/dev", "/etc", "/usr/local"};
    for (unsigned i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s/assay-corpus-B15", dirs[i]);
        struct stat meta;
        if (stat(name, &meta) == 0) fprintf(stderr, "BREACH: %s is left from another test\n", name);
        close(open(name, O_CREAT | O_WRONLY, 0666));
    }
    // The same input is given to several runs: is it the same file, and can it be changed?
    char was[8] = {0};
    if (pread(0, was, 2, 0) != 2 || was[0] != '7') fprintf(stderr, "BREACH: the input is %s\n", was);
    fchmod(0, 0);
    int fd = open("/proc/self/fd/0", O_RDWR);
    if (fd >= 0 && (pwrite(fd, "8", 1, 0) == 1 || ftruncate(fd, 0) == 0)) fprintf(stderr, "BREACH: the input can be written\n");
    if (pwrite(0, "8", 1, 0) == 1 || ftruncate(0, 0) == 0) fprintf(stderr, "BREACH: the input was open for writing\n");
    puts("42");
}
