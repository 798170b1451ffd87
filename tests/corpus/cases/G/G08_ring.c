// id: G08
// tries: to have a ring open a socket, for no filter sees what is queued there
// stops: [filter-default]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOCKET = 45 };  // IORING_OP_SOCKET

int main(void) {
    int odd = 0;
    for (unsigned flags = 0; flags < 4; flags++) {
        struct io_uring_params p = {.flags = flags == 3 ? IORING_SETUP_SQPOLL : flags};
        long ring = syscall(SYS_io_uring_setup, 2, &p);
        if (ring < 0) {
            if (errno != ENOSYS) {
                odd = 1;
                printf("io_uring_setup: %m\n");
            }
            continue;
        }
        odd = 1;
        fprintf(stderr, "BREACH: a ring\n");
        char *sq = mmap(0, 4096, 3, MAP_SHARED, ring, IORING_OFF_SQ_RING);
        char *cq = mmap(0, 4096, 3, MAP_SHARED, ring, IORING_OFF_CQ_RING);
        struct io_uring_sqe *entry = mmap(0, 4096, 3, MAP_SHARED, ring, IORING_OFF_SQES);
        if (sq == MAP_FAILED || cq == MAP_FAILED || (void *)entry == MAP_FAILED)
            continue;
        memset(entry, 0, sizeof *entry);
        entry->opcode = SOCKET;
        entry->fd = AF_INET;
        entry->off = SOCK_STREAM;
        *(unsigned *)(sq + p.sq_off.array) = 0;
        ++*(unsigned *)(sq + p.sq_off.tail);
        syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
        int result = *(int *)(cq + p.cq_off.cqes + 8);
        if (result > 0)
            fprintf(stderr, "BREACH: a socket through the ring, descriptor %d\n", result);
    }
    const int others[] = {SYS_io_uring_enter, SYS_io_uring_register, SYS_io_setup, SYS_io_submit, SYS_io_getevents,
                          SYS_io_destroy, SYS_io_cancel, SYS_io_pgetevents};
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
        if (syscall(others[i], -1, 0, 0, 0, 0, 0) != -1 || errno != ENOSYS) {
            odd = 1;
            printf("call %d: %m\n", others[i]);
        }
    if (!odd)
        puts("42");
    return 0;
}
