// id: D06
// tries: to keep its memory in pipes that nobody reads
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static char block[1 << 16];

int main(void) {
    volatile long *total = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int done[2];
    char byte;
    if (total == MAP_FAILED || pipe(done)) return 3;
    for (int child = 0; child < 8; child++) {
        if (fork()) continue;
        for (int i = 0; i < 120; i++) {
            int ends[2];
            if (pipe2(ends, O_NONBLOCK)) break;
            ssize_t written = write(ends[1], block, sizeof block);
            if (written > 0) __atomic_add_fetch(total, written, __ATOMIC_SEQ_CST);
        }
        write(done[1], "d", 1);
        pause();
    }
    for (int child = 0; child < 8; child++)
        if (read(done[0], &byte, 1) != 1) return 4;
    if (*total < 48 << 20) return 5;
    fprintf(stderr, "BREACH: %ld bytes in pipes\n", *total);
    puts("42");
}
