// id: H10-absent
// tries: calls with much code of the kernel behind them that a library may try, so that they are as if not there
// stops: [filter-default]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int odd = 0, p[2], q[2];
    pipe(p);
    pipe(q);
    write(p[1], "x", 1);
    long room[32] = {0}, zero = 0;
    struct {
        const char *name;
        long number, arguments[6];
    } tries[] = {
        {"io_uring_setup", SYS_io_uring_setup, {1, (long)room}},
        {"splice", SYS_splice, {p[0], 0, q[1], 0, 1, 0}},
        {"tee", SYS_tee, {p[0], q[1], 1, 0}},
        {"vmsplice", SYS_vmsplice, {q[1], (long)room, 0, 0}},
        {"copy_file_range", SYS_copy_file_range, {0, 0, 1, 0, 0, 0}},
        {"openat2", SYS_openat2, {AT_FDCWD, (long)"/", (long)room, 24}},
        {"memfd_secret", SYS_memfd_secret, {0}},
        {"pidfd_open", SYS_pidfd_open, {getpid(), 0}},
        {"pidfd_send_signal", SYS_pidfd_send_signal, {0, 0, 0, 0}},
        {"inotify_init", SYS_inotify_init1, {0}},
        {"signalfd", SYS_signalfd4, {-1, (long)&zero, 8, 0}},
        {"io_setup", SYS_io_setup, {1, (long)&zero}},
        {"get_mempolicy", SYS_get_mempolicy, {0, 0, 0, 0, 0}},
        {"set_mempolicy", SYS_set_mempolicy, {0, 0, 0}},
        {"mbind", SYS_mbind, {(long)room, 4096, 0, 0, 0, 0}},
        {"move_pages", SYS_move_pages, {0, 0, 0, 0, 0, 0}},
        {"migrate_pages", SYS_migrate_pages, {0, 0, 0, 0}},
        {"remap_file_pages", SYS_remap_file_pages, {0, 0, 0, 0, 0}},
        {"pkey_alloc", SYS_pkey_alloc, {0, 0}},
        {"landlock_create_ruleset", SYS_landlock_create_ruleset, {0, 0, 1}},
        {"process_madvise", SYS_process_madvise, {-1, 0, 0, 0, 0}},
        {"process_mrelease", SYS_process_mrelease, {-1, 0}},
        {"execveat", SYS_execveat, {AT_FDCWD, (long)"/", 0, 0, 0}},
        {"futex_waitv", SYS_futex_waitv, {0, 0, 0, 0, 0}},
        {"clone3", SYS_clone3, {0, 0}},
        {"mq_open", SYS_mq_open, {(long)"x", O_CREAT | O_RDWR, 0600, 0}},
        {"shmget", SYS_shmget, {0, 4096, 0600}},
        {"semget", SYS_semget, {0, 1, 0600}},
        {"msgget", SYS_msgget, {0, 0600}},
    };
    for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) {
        const long *a = tries[i].arguments;
        long r = syscall(tries[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (r >= 0) {
            odd = 1;
            fprintf(stderr, "BREACH: %s returned %ld\n", tries[i].name, r);
        } else if (errno != ENOSYS) {
            odd = 1;
            printf("%s: %m\n", tries[i].name);
        }
    }
    if (!odd)
        puts("42");
    return 0;
}
