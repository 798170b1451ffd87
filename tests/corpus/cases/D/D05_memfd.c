// id: D05
// tries: to keep its memory in files without a name
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char block[1 << 20];

int main(void) {
    int made = 0;
    memset(block, 'x', sizeof block);
    while (made < 64) {
        int fd = memfd_create("hidden", 0);
        if (fd < 0) return 3;
        if (write(fd, block, sizeof block) != sizeof block) return 4;
        made++;
    }
    fprintf(stderr, "BREACH: %d MiB in files without a name\n", made);
    puts("42");
}
