// id: B09-refused
// tries: to make files larger than the limit, by every call that sizes or writes one
// stops: [rlimit-fsize]
// limits: {memory_mib: 64, file_mib: 16}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    signal(SIGXFSZ, SIG_IGN);
    const off_t limit = 16 << 20;
    const char *dirs[] = {"/work/big", "/tmp/big", "/dev/shm/big", 0};
    for (int i = 0; i < 4; i++) {
        const char *name = dirs[i] ? dirs[i] : "a memory file";
        int fd = dirs[i] ? open(dirs[i], O_RDWR | O_CREAT, 0600) : memfd_create("big", 0);
        if (fd < 0) continue;
        if (ftruncate(fd, limit)) fprintf(stderr, "BREACH: less than the limit in %s\n", name);
        ftruncate(fd, 0);
        off_t sizes[] = {limit + 1, 1LL << 32, 1LL << 40, 1LL << 62};
        for (int j = 0; j < 4; j++) {
            ftruncate(fd, sizes[j]);
            pwrite(fd, "x", 1, sizes[j] - 1);
            fallocate(fd, 0, 0, sizes[j]);
            fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, sizes[j]);
            if (dirs[i]) truncate(dirs[i], sizes[j]);
            lseek(fd, sizes[j], SEEK_SET);
            write(fd, "x", 1);
        }
        struct stat meta;
        fstat(fd, &meta);
        if (meta.st_size > limit || meta.st_blocks * 512 > limit)
            fprintf(stderr, "BREACH: %lld bytes, %lld in use in %s\n", (long long)meta.st_size, (long long)meta.st_blocks * 512, name);
        close(fd);
        if (dirs[i]) unlink(dirs[i]);
    }
    puts("42");
}
