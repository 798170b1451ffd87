// id: D05-size
// tries: to make a file without a name larger than files may be, where no file system bounds it
// stops: [rlimit-fsize]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 64, file_mib: 4}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char block[1 << 20];

int main(void) {
    struct stat meta;
    int fd = memfd_create("large", 0);
    if (fd < 0) return 3;
    signal(SIGXFSZ, SIG_IGN);
    if (!ftruncate(fd, 16 << 20)) fputs("BREACH: truncated to 16 MiB\n", stderr);
    if (!fallocate(fd, 0, 0, 8 << 20)) fputs("BREACH: allocated 8 MiB\n", stderr);
    for (int i = 0; i < 8; i++)
        if (write(fd, block, sizeof block) <= 0) break;
    if (fstat(fd, &meta) || meta.st_size > 4 << 20) fprintf(stderr, "BREACH: it has %ld bytes\n", (long)meta.st_size);
    else if (meta.st_size < 4 << 20) return 4;
    puts("42");
}
