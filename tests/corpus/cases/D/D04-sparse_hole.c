// id: D04-sparse
// tries: to make a file that seems to be a terabyte large, for whoever copies it
// stops: [rlimit-fsize]
// limits: {memory_mib: 16, file_mib: 4}
// expect: [AC]
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    const char *places[] = {"/tmp/hole", "/work/hole", "/dev/shm/hole"};
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    struct stat meta;
    signal(SIGXFSZ, SIG_IGN);
    if (!setrlimit(RLIMIT_FSIZE, &more)) fputs("BREACH: the limit of a file's size could be raised\n", stderr);
    for (int i = 0; i < 3; i++) {
        int fd = open(places[i], O_RDWR | O_CREAT, 0600);
        if (fd < 0) return 3;
        if (!ftruncate(fd, 1L << 40)) fprintf(stderr, "BREACH: truncated %s to a terabyte\n", places[i]);
        if (pwrite(fd, "x", 1, 1L << 40) == 1) fprintf(stderr, "BREACH: wrote beyond a terabyte of %s\n", places[i]);
        if (fstat(fd, &meta) || meta.st_size > 4 << 20) fprintf(stderr, "BREACH: %s is large\n", places[i]);
        close(fd);
    }
    puts("42");
}
