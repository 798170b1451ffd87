// id: B16-rights
// tries: to gain something by executing what it has written, from a directory, from memory, through the loader and as a script
// stops: [no-new-privileges, nosuid-trees, tmp-flags, work-flags, capabilities]
// limits: {memory_mib: 128}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int inner(const char *how) {
    unsigned int head[2] = {0x20080522, 0}, data[6] = {0};
    syscall(SYS_capget, head, data);
    unsigned caps = 0;
    for (int i = 0; i < 6; i++) caps |= data[i];
    if (geteuid() != 1000 || getegid() != 1000 || getuid() != 1000 || getauxval(AT_SECURE) || caps || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
        prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
        fprintf(stderr, "BREACH: %s runs as %d:%d, secure %lu, capabilities %x\n", how, geteuid(), getegid(), getauxval(AT_SECURE), caps);
    return 7;
}

static int copy_to(int to) {
    int from = open("/proc/self/exe", O_RDONLY);
    struct stat meta;
    fstat(from, &meta);
    for (off_t at = 0; at < meta.st_size;)
        if (sendfile(to, from, &at, meta.st_size - at) <= 0) exit(1);
    return close(from);
}

static void run(const char *path, const char *how) {
    pid_t child = fork();
    if (child == 0) {
        execl(path, path, how, NULL);
        perror(path);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    // Policy: a program may run what it writes. What it may not is become another by that.
    if (!WIFEXITED(status) || (WEXITSTATUS(status) != 7 && WEXITSTATUS(status) != 1)) fprintf(stderr, "BREACH: %s ended with %x\n", how, status);
}

int main(int count, char **args) {
    if (count > 1) return inner(args[1]);
    const char *names[] = {"/work/copy", "/tmp/copy", "/dev/shm/copy"};
    for (int i = 0; i < 3; i++) {
        int fd = open(names[i], O_WRONLY | O_CREAT, 0700);
        copy_to(fd);
        fchmod(fd, 06777);
        close(fd);
        run(names[i], names[i]);
        char script[64];
        snprintf(script, sizeof script, "%s.sh", names[i]);
        fd = open(script, O_WRONLY | O_CREAT, 0700);
        dprintf(fd, "#!%s", names[i]);
        fchmod(fd, 06777);
        close(fd);
        run(script, script);
    }
    int memory = memfd_create("copy", 0);
    copy_to(memory);
    fchmod(memory, 06777);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    run(path, "a memory file");
    run("/proc/self/exe", "itself");
    puts("42");
}
