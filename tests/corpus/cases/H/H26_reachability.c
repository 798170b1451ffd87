// id: H26
// tries: to reach the calls that known holes of the kernel were used through, with arguments that do nothing
// stops: [filter-kill, filter-default, filter-socket, filter-refuse, no-new-privileges, nosuid-trees]
// expect: [RTE]
// reason: fsopen (
// message:
//   stop: never
//   tests:
//     - {id: CVE-2022-0185-fsopen, stdin: "fsopen\n", expected: "42\n"}
//     - {id: CVE-2022-0185-fsconfig, stdin: "fsconfig\n", expected: "42\n"}
//     - {id: CVE-2023-0386-mount, stdin: "mount\n", expected: "42\n"}
//     - {id: CVE-2022-0492-unshare, stdin: "unshare\n", expected: "42\n"}
//     - {id: CVE-2019-13272-ptrace, stdin: "ptrace\n", expected: "42\n"}
//     - {id: CVE-2021-3490-bpf, stdin: "bpf\n", expected: "42\n"}
//     - {id: CVE-2013-2094-perf, stdin: "perf\n", expected: "42\n"}
//     - {id: CVE-2016-0728-keyctl, stdin: "keyctl\n", expected: "42\n"}
//     - {id: CVE-2016-6187-userfaultfd, stdin: "userfaultfd\n", expected: "42\n"}
//     - {id: shocker-open_by_handle_at, stdin: "handle\n", expected: "42\n"}
//     - {id: what-is-refused, stdin: "refused\n", expected: "42\n"}

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static void refused(const char *hole, long r) {
    if (r >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAFNOSUPPORT && errno != ENOTSUP))
        fprintf(stderr, "BREACH: what %s needs is reached: %ld, %m\n", hole, r);
}

int main(void) {
    char which[32] = "";
    const struct {
        const char *name;
        long number;
    } killed[] = {{"fsopen", SYS_fsopen},   {"fsconfig", SYS_fsconfig}, {"mount", SYS_mount},   {"unshare", SYS_unshare},
                  {"ptrace", SYS_ptrace},   {"bpf", SYS_bpf},           {"keyctl", SYS_keyctl}, {"perf", SYS_perf_event_open},
                  {"handle", SYS_open_by_handle_at}, {"userfaultfd", SYS_userfaultfd}};
    scanf("%31s", which);
    for (int i = 0; i < 10; i++)
        if (!strcmp(killed[i].name, which)) {
            long r = syscall(killed[i].number, -1L, 0L, 0L, 0L, 0L, 0L);
            fprintf(stderr, "BREACH: %s returned %ld: %m\n", which, r);
        }
    int pair[2] = {-1, -1};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    refused("CVE-2022-0847 (splice)", syscall(SYS_splice, -1, 0, -1, 0, 0, 0));
    refused("CVE-2022-0847 (vmsplice)", syscall(SYS_vmsplice, -1, 0, 0, 0));
    refused("CVE-2022-0847 (tee)", syscall(SYS_tee, -1, -1, 0, 0));
    refused("CVE-2022-2588 (netlink route)", socket(AF_NETLINK, SOCK_RAW, 0));
    refused("CVE-2024-1086 (netlink netfilter)", socket(AF_NETLINK, SOCK_RAW, 12));
    refused("CVE-2022-27666 (keys of IPsec)", socket(AF_KEY, SOCK_RAW, 2));
    refused("CVE-2020-14386 (packets)", socket(AF_PACKET, SOCK_RAW, 0));
    refused("CVE-2021-26708 (vsock)", socket(AF_VSOCK, SOCK_STREAM, 0));
    refused("CVE-2021-43267 (TIPC)", socket(AF_TIPC, SOCK_SEQPACKET, 0));
    refused("CVE-2026-31431 (crypto)", socket(AF_ALG, SOCK_SEQPACKET, 0));
    refused("CVE-2021-22555 (options of sockets)", setsockopt(pair[0], 0, 64, 0, 0));
    refused("CVE-2023-2598 (rings)", syscall(SYS_io_uring_setup, 0, 0));
    refused("CVE-2022-2602 (rings)", syscall(SYS_io_uring_register, -1, 0, 0, 0));
    refused("CVE-2021-3759 (semaphores)", syscall(SYS_semget, 0, 1, 0600));
    refused("CVE-2017-11176 (message queues)", syscall(SYS_mq_notify, -1, 0));
    refused("CVE-2022-0185 (namespaces by clone3)", syscall(SYS_clone3, 0, 0));
    refused("CVE-2022-0185 (namespaces by clone)", syscall(SYS_clone, 0x10000011L, 0, 0, 0, 0));
    refused("CVE-2023-0386 (capabilities of a file)", setxattr("/tmp", "security.capability", "", 0, 0));
    refused("CVE-2016-1583 (watching files)", syscall(SYS_inotify_init1, 0));
    refused("CVE-2018-14634's kin (moving pages)", syscall(SYS_move_pages, 0, 0, 0, 0, 0, 0));
    refused("CVE-2015-5157 (segments)", syscall(SYS_modify_ldt, 0, 0, 0));
    refused("CVE-2019-10063 (typing)", syscall(SYS_ioctl, 0, 0x5412L | 1L << 32, "x"));
    // CVE-2021-4034 needs a program that runs as somebody else than who starts it.
    struct statvfs usr;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || statvfs("/usr/bin", &usr) || !(usr.f_flag & ST_NOSUID))
        fprintf(stderr, "BREACH: programs may run as somebody else (CVE-2021-4034)\n");
    puts("42");
    return 0;
}
