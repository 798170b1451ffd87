// id: B10-size
// tries: to fill every file system that it can write to, by many files and by files that have no name any more
// stops: [tmp-size, work-size]
// limits: {cpu_ms: 3000, memory_mib: 256, file_mib: 16}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char chunk[1 << 20];

int main(void) {
    const char *dirs[] = {"/work", "/tmp", "/dev/shm"};
    for (unsigned i = 0; i < sizeof chunk; i++) chunk[i] = (char)i;
    for (int i = 0; i < 3; i++) {
        long long total = 0;
        int fds[64], count = 0;
        for (; count < 64; count++) {
            char name[64];
            snprintf(name, sizeof name, "%s/%d", dirs[i], count);
            fds[count] = open(name, O_WRONLY | O_CREAT, 0600);
            if (count % 2) unlink(name);
            ssize_t size = 0;
            for (int part = 0; part < 3 && (size = write(fds[count], chunk, sizeof chunk)) > 0; part++) total += size;
            if (size <= 0) break;
        }
        // 16 MiB, and what its own source and binary take.
        if (total > 18 << 20) fprintf(stderr, "BREACH: %lld bytes in %s\n", total, dirs[i]);
        if (total < 15 << 20) fprintf(stderr, "BREACH: only %lld bytes in %s\n", total, dirs[i]);
        struct statvfs of;
        if (statvfs(dirs[i], &of) || of.f_blocks == 0) fprintf(stderr, "BREACH: %s has no size\n", dirs[i]);
        for (; count >= 0; count--) close(fds[count]);
    }
    puts("42");
}
