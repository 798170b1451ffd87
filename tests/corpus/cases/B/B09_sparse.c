// id: B09-sparse
// tries: to make a file of a tebibyte
// stops: [rlimit-fsize]
// reason: SIGXFSZ
// expect: [RTE]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int fd = open("/work/output.txt", O_RDWR | O_CREAT, 0600);
    if (ftruncate(fd, 1LL << 40) == 0) fprintf(stderr, "BREACH: a tebibyte\n");
    puts("42");
}
