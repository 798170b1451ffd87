// id: D20
// tries: to take huge pages that the host has reserved
// stops: [kernel]
// limits: {memory_mib: 32}
// expect: [AC]
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    // A file may not be that large anyway.
    signal(SIGXFSZ, SIG_IGN);
    for (int shift = 21; shift <= 30; shift += 9) {
        size_t size = 1UL << shift;
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | shift << 26;
        if (mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED) fprintf(stderr, "BREACH: a page of %zu bytes\n", size);
        int fd = memfd_create("huge", MFD_HUGETLB | (unsigned)shift << 26);
        if (fd < 0) continue;
        if (ftruncate(fd, size)) continue;
        if (mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED) fprintf(stderr, "BREACH: a file of pages of %zu bytes\n", size);
    }
    puts("42");
}
