#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char chunk[1 << 20];

int main(void) {
    const char *files[] = {"/usr/lib/os-release", "/etc/ld.so.conf", "/usr/bin/env", "/etc/passwd", "/etc/hosts"};
    const char *dirs[] = {"/work/f", "/tmp/f", "/dev/shm/f"};
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 5; i++) {
            int fd = open(files[i], O_RDONLY);
            if (read(fd, chunk, 64) < 0) {}
            close(fd);
        }
        for (int i = 0; i < 3; i++) {
            int fd = open(dirs[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);
            for (int j = 0; j < (round % 2 ? 1 : 8); j++) (void)!write(fd, chunk, sizeof chunk);
            close(fd);
        }
        int null = open("/dev/null", O_RDWR);
        (void)!write(null, chunk, 1);
        (void)!read(null, chunk, 1);
        close(null);
        usleep(100000);
    }
    puts("42");
}
