// id: H16
// tries: to install a filter of its own that fakes results for its children or hands their calls to it
// stops: [filter-refuse, filter-prctl, filter-masks]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int odd;

static void refused(const char *what, long r) {
    if (r >= 0) {
        odd = 1;
        fprintf(stderr, "BREACH: %s returned %ld\n", what, r);
    } else if (errno != EPERM) {
        odd = 1;
        printf("%s: %m\n", what);
    }
}

int main(void) {
    struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter listen[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)};
    struct sock_fprog one = {1, allow}, two = {2, listen};
    unsigned action = SECCOMP_RET_USER_NOTIF;
    struct seccomp_notif_sizes sizes;
    for (int h = 0; h < 2; h++) {
        long high = h ? 1L << 32 : 0;
        refused("a filter", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER | high, 0L, &one));
        refused("a filter for all threads", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER | high, 1L, &one));
        refused("a listener", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER | high, 8L, &two));
        refused("whether there are listeners", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL | high, 0L, &action));
        refused("sizes", syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES | high, 0L, &sizes));
        refused("a filter by prctl", syscall(SYS_prctl, PR_SET_SECCOMP | high, SECCOMP_MODE_FILTER, &one, 0L, 0L));
        refused("read and write alone by prctl", syscall(SYS_prctl, PR_SET_SECCOMP | high, SECCOMP_MODE_STRICT, 0L, 0L, 0L));
        refused("dispatch of calls to itself", syscall(SYS_prctl, 59 | high, 1L, 0L, 0L, 0L));
    }
    if (!odd)
        puts("42");
    return 0;
}
