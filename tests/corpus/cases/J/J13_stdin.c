// id: J13-input
// tries: to change its input before whoever compares looks at it, by every way to the same file
// stops: [stdin-read-only, copies-by-descriptor]
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    int x, changed = 0;
    if (scanf("%d", &x) != 1) return 1;
    struct stat before, after;
    fstat(0, &before);
    if (write(0, "8\n", 2) == 2 || pwrite(0, "8\n", 2, 0) == 2) changed++;
    if (ftruncate(0, 0) == 0 || truncate("/proc/self/fd/0", 0) == 0) changed++;
    static const int modes[] = {O_RDWR, O_WRONLY, O_WRONLY | O_TRUNC, O_WRONLY | O_APPEND};
    for (int i = 0; i < 4; i++) {
        int fd = open("/proc/self/fd/0", modes[i]);
        if (fd >= 0 && S_ISREG(before.st_mode) && write(fd, "8\n", 2) == 2) changed++;
    }
    if (fchmod(0, 0666) == 0 && S_ISREG(before.st_mode) && before.st_uid != getuid()) changed++;
    char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 0);
    if (map != MAP_FAILED && S_ISREG(before.st_mode)) changed++;
    if (fallocate(0, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 1) == 0) changed++;
    fstat(0, &after);
    if (changed || before.st_size != after.st_size) printf("BRE" "ACH: the input was changed in %d ways\n", changed);
    printf("%d\n", x * 6);
    return 0;
}
