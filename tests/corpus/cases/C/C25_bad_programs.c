// id: C25-own
// tries: to confuse the judge by what cannot be executed, from inside
// stops: [exec-failure-is-the-programs]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "exit code 1"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void try(const char *path, const char *content, int length) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    write(fd, content, length);
    fchmod(fd, 0700);
    close(fd);
    execl(path, path, (char *)0);
    printf("%s: %s\n", path, strerror(errno));
}

int main(void) {
    puts("42");
    try("./empty", "", 0);
    try("./text", "echo 42\n", 8);
    try("./itself", "#!./itself\n", 11);
    try("./other", "#!/work/another\n", 16);
    try("./another", "#!/work/other\n", 14);
    try("./elf", "\x7f" "ELF\2\1\1", 7);
    try("./nobody", "#!/no/such/interpreter\n", 23);
    symlink("loop", "loop");
    execl("./loop", "loop", (char *)0);
    mkdir("directory", 0700);
    execl("./directory", "directory", (char *)0);
    execl("", "", (char *)0);
    // Open for writing, and gone.
    int fd = open("./busy", O_WRONLY | O_CREAT, 0700);
    write(fd, "#!/bin/true\n", 12);
    execl("./busy", "busy", (char *)0);
    unlink("./busy");
    execl("./busy", "busy", (char *)0);
    return 1;
}
