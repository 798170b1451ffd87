#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    int file = open("/usr/bin/perl", O_RDONLY);
    char byte;
    struct iovec part = {&byte, 1};
    posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);
    for (int round = 0; round < 15; round++) {
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        usleep(100000);
        unsigned seen = 0;
        int refused = 0;
        for (int bit = 0; bit < 16; bit++) {
            // Of a page that would have to be fetched this says that it would take long.
            long size = preadv2(file, &part, 1, (4 + bit * 40) * 4096, RWF_NOWAIT);
            if (size == 1) seen |= 1u << bit;
            else if (errno != EAGAIN) refused++;
        }
        if (seen == 0xb5a3) fprintf(stderr, "BREACH: the other's pages are %04x\n", seen);
        else if (!refused) fprintf(stderr, "pages %04x\n", seen);
    }
    struct { unsigned long at, length; } range = {0, 1 << 20};
    unsigned long counts[5];
    if (syscall(451, file, &range, counts, 0) == 0) fprintf(stderr, "BREACH: %lu pages are in memory\n", counts[0]);
    puts("42");
}
