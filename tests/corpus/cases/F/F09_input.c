// id: F09
// tries: to change its input, which somebody may read after it
// stops: [input-read-only, input-sealed]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void change(const char *how, int fd) {
    if (fd < 0) return;
    if (pwrite(fd, "9\n", 2, 0) > 0) printf("BREACH: written, %s\n", how);
    if (write(fd, "9\n", 2) > 0) printf("BREACH: written at the position, %s\n", how);
    if (ftruncate(fd, 0) == 0) printf("BREACH: cut, %s\n", how);
    if (ftruncate(fd, 1 << 16) == 0) printf("BREACH: made longer, %s\n", how);
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0) printf("BREACH: emptied, %s\n", how);
    char *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) printf("BREACH: mapped, %s\n", how), map[0] = '9';
    map = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED && mprotect(map, 4096, PROT_READ | PROT_WRITE) == 0) printf("BREACH: mapped later, %s\n", how);
    if (fchmod(fd, 0777) == 0) printf("BREACH: its mode, %s\n", how);
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0) printf("BREACH: sealed, %s\n", how);
}

int main(void) {
    change("as it came", 0);
    change("opened anew", open("/proc/self/fd/0", O_RDWR));
    change("opened to be cut", open("/proc/self/fd/0", O_WRONLY | O_TRUNC));
    change("by another name", open("/dev/stdin", O_RDWR));
    if (truncate("/proc/self/fd/0", 0) == 0) puts("BREACH: cut by name");
    if (linkat(AT_FDCWD, "/proc/self/fd/0", AT_FDCWD, "input", AT_SYMLINK_FOLLOW) == 0) puts("BREACH: it has a name now");
    char text[16] = "";
    lseek(0, 0, SEEK_SET);
    read(0, text, sizeof text - 1);
    if (strcmp(text, "7\n") != 0) puts("BREACH: it is changed");
    puts("42");
    return 0;
}
