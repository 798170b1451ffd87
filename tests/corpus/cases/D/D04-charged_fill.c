// id: D04-charged
// tries: to keep four times its memory in files, which are allowed to be that large
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 12, file_mib: 24}
// expect: [MLE]
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char block[1 << 16];

int main(void) {
    const char *places[] = {"/tmp/fill", "/work/fill", "/dev/shm/fill"};
    size_t total = 0;
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 3; i++) {
        int fd = open(places[i], O_WRONLY | O_CREAT, 0600);
        if (fd < 0) return 3;
        for (int n = 0; n < 16 << 4; n++)
            if (write(fd, block, sizeof block) == sizeof block) total += sizeof block;
    }
    if (total < 40 << 20) return 4;
    fprintf(stderr, "BREACH: %zu bytes in files\n", total);
    puts("42");
}
