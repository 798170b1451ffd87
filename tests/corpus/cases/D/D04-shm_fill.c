// id: D04-shm
// tries: to put more into /dev/shm than files may take together
// stops: [tmp-size]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 64, file_mib: 4}
// expect: [AC]
// stdin: "/dev/shm\n"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char block[1 << 16];

int main(void) {
    char place[64] = "";
    if (!fgets(place, sizeof place, stdin)) return 2;
    place[strcspn(place, "\n")] = 0;
    size_t total = 0;
    memset(block, 'x', sizeof block);
    // None of the files is large.
    for (int i = 0; i < 16; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s/fill%d", place, i);
        int fd = open(name, O_WRONLY | O_CREAT, 0600);
        if (fd < 0) break;
        for (int n = 0; n < 16; n++) {
            ssize_t written = write(fd, block, sizeof block);
            if (written < 0 && errno != ENOSPC) return 3;
            if (written <= 0) break;
            total += written;
        }
        close(fd);
    }
    if (total > 5 << 20) fprintf(stderr, "BREACH: %zu bytes in %s\n", total, place);
    else if (total < 2 << 20) return 4;
    puts("42");
}
