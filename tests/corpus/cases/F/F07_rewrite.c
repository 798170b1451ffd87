// id: F07
// tries: to take back the wrong answer that it has printed and to put the right one in its place
// stops: [stdout-pipe, stdout-write-only]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    write(1, "wrong\n", 6);
    int worked = 0;
    char byte[8];
    // Who owns it may give itself the right to read.
    if (fchmod(1, 0600) == 0) worked = 1;
    int modes[] = {O_RDWR, O_RDONLY, O_RDWR | O_TRUNC, O_WRONLY | O_TRUNC};
    for (int i = 0; i < 4; i++) {
        int fd = open("/proc/self/fd/1", modes[i] | O_NONBLOCK);
        if (fd < 0) continue;
        if ((modes[i] & O_ACCMODE) != O_WRONLY) worked = 1;
        if (read(fd, byte, sizeof byte) > 0) worked = 1;
        if (ftruncate(fd, 0) == 0 || pwrite(fd, "42    \n", 7, 0) > 0) worked = 1;
        if (mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED) worked = 1;
    }
    if (ftruncate(1, 0) == 0 || lseek(1, 0, SEEK_SET) == 0) worked = 1;
    if (read(1, byte, sizeof byte) > 0 || pwrite(1, "42    \n", 7, 0) > 0) worked = 1;
    if (fallocate(1, 0, 0, 4096) == 0 || truncate("/proc/self/fd/1", 0) == 0) worked = 1;
    if (worked) {
        write(2, "BREACH: what was printed can be changed\n", 40);
        ftruncate(1, 0);
        lseek(1, 0, SEEK_SET);
    }
    write(1, "42\n", 3);
    return 0;
}
