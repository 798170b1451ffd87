// id: D19
// tries: to keep the machine busy with reading what it has just forgotten
// stops: [memory-limit, cpu-limit, wall-limit]
// limits: {cpu_ms: 600, wall_ms: 3000, memory_mib: 12}
// expect: [TLE, MLE, ILE]
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double clock_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    glob_t all;
    volatile char sum = 0;
    // Nearly all of its own memory is taken, so that little is left for the files.
    size_t own = 8 << 20;
    char *volatile taken = mmap(NULL, own, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (taken == MAP_FAILED || glob("/usr/lib/gcc/*/*/*1*", 0, NULL, &all)) return 3;
    double begin = clock_of(CLOCK_MONOTONIC);
    while (clock_of(CLOCK_PROCESS_CPUTIME_ID) < 5 && clock_of(CLOCK_MONOTONIC) - begin < 25)
        for (size_t i = 0; i < all.gl_pathc; i++) {
            struct stat meta;
            int fd = open(all.gl_pathv[i], O_RDONLY);
            if (fd < 0 || fstat(fd, &meta) || !S_ISREG(meta.st_mode)) continue;
            // Pages that nobody has mapped are dropped, and read anew from the disk.
            posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
            char *file = mmap(NULL, meta.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
            close(fd);
            if (file == MAP_FAILED) continue;
            for (long at = 0; at < meta.st_size; at += 4096) sum += file[at];
            madvise(file, meta.st_size, MADV_DONTNEED);
            munmap(file, meta.st_size);
        }
    fputs("BREACH: five seconds of CPU time or 25 on the wall\n", stderr);
    puts("42");
}
