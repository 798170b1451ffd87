// id: B10-memory
// tries: to have more in files than it may have in memory
// stops: [memory-limit]
// limits: {cpu_ms: 3000, memory_mib: 32, file_mib: 512}
// expect: [MLE]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char chunk[1 << 20];

int main(void) {
    const char *names[] = {"/work/a", "/tmp/a", "/dev/shm/a"};
    for (int i = 0; i < 3; i++) {
        int fd = open(names[i], O_WRONLY | O_CREAT, 0600);
        unlink(names[i]);
        for (int part = 0; part < 64 && write(fd, chunk, sizeof chunk) > 0; part++) {}
    }
    fprintf(stderr, "BREACH: 192 MiB in files\n");
    puts("42");
}
