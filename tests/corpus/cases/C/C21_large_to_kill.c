// id: C21
// tries: to be long in dying, with many processes that each have many areas of memory
// stops: [kill-all, memory-max]
// limits: {cpu_ms: 2000, wall_ms: 20000, memory_mib: 256, pids: 64, file_mib: 64}
// expect: [TLE, MLE]
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    int file = open("big", O_RDWR | O_CREAT, 0600);
    ftruncate(file, 16 << 20);
    for (int i = 0; i < 60; i++)
        if (fork() == 0) break;
    // The same pages many times over, and tables of pages for each.
    for (int i = 0; i < 64; i++) {
        volatile char *map = mmap(0, 16 << 20, PROT_READ, MAP_SHARED, file, 0);
        if (map != MAP_FAILED)
            for (int page = 0; page < 16 << 20; page += 1 << 18) map[page];
    }
    // Areas that cannot be joined to one.
    for (int i = 0; i < 60000; i++)
        if (mmap(0, 4096, i % 2 ? PROT_READ : PROT_WRITE | PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) break;
    for (volatile long i = 0; i < 100000000000; i++);
}
