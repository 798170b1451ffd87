// id: D20-transparent
// tries: to be given huge pages for single bytes, beyond its memory
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [AC, MLE]
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    size_t size = 64 << 20;
    char text[128] = "";
    long all = 0, resident = 0;
    char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return 3;
    madvise(at, size, MADV_HUGEPAGE);
    for (size_t i = 0; i < size; i += 2 << 20) ((volatile char *)at)[i] = 1;
    int fd = open("/proc/self/statm", O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0 || sscanf(text, "%ld %ld", &all, &resident) != 2) return 4;
    if (resident * 4096 > 20 << 20) fprintf(stderr, "BREACH: %ld pages of 4 KiB are resident\n", resident);
    puts("42");
}
