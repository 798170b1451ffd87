// id: B25
// tries: the calls by which pages of files that can only be read were once written, each with harmless arguments
// stops: [filter, read-only-root]
// needs: [x86_64]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void refused(const char *what, long result, int wanted) {
    if (result >= 0 || errno != wanted) fprintf(stderr, "BREACH: %s gives %ld, error %d\n", what, result, errno);
}

int main(void) {
    int file = open("/usr/bin/env", O_RDONLY), pipes[2];
    if (pipe(pipes)) return 1;
    char byte = 'x';
    struct iovec part = {&byte, 1};
    loff_t at = 0;
    refused("splice", syscall(SYS_splice, file, &at, pipes[1], NULL, 1, 0), ENOSYS);
    refused("tee", syscall(SYS_tee, pipes[0], pipes[1], 1, 2 /* do not wait */), ENOSYS);
    refused("vmsplice", syscall(SYS_vmsplice, pipes[1], &part, 1, 0), ENOSYS);
    refused("copy_file_range", syscall(SYS_copy_file_range, file, &at, pipes[1], NULL, 1, 0), ENOSYS);
    refused("io_uring_setup", syscall(425, 1, NULL), ENOSYS);
    refused("socket of the crypto interface", syscall(SYS_socket, 38, SOCK_SEQPACKET, 0), EAFNOSUPPORT);
    refused("socketpair of the crypto interface", syscall(SYS_socketpair, 38, SOCK_SEQPACKET, 0, pipes), EAFNOSUPPORT);
    refused("remap_file_pages", syscall(SYS_remap_file_pages, NULL, 4096, 0, 0, 0), ENOSYS);
    // A shared mapping of what is open for reading takes no writes, now or later.
    char *map = mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0);
    if (map != MAP_FAILED && mprotect(map, 4096, PROT_READ | PROT_WRITE) == 0) fprintf(stderr, "BREACH: the mapping became writable\n");
    if (mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED) fprintf(stderr, "BREACH: a writable mapping\n");
    char *own = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0), first = 0;
    own[0] = '!';
    msync(own, 4096, MS_SYNC | MS_INVALIDATE);
    if (pread(file, &first, 1, 0) != 1 || first != 0x7f) fprintf(stderr, "BREACH: the file begins with %d\n", first);
    puts("42");
}
