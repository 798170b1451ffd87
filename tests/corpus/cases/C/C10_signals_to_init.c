// id: C10-signals
// tries: to stop, kill or disturb the init with every signal there is, by every call that sends one
// stops: [uid-split, seccomp-list]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void must_fail(const char *what, int number, long result) {
    if (result == 0) printf("BREACH: %s of %d\n", what, number);
}

int main(void) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    must_fail("getppid", getppid(), getppid() != 1 && kill(getppid(), 0) == 0 ? 0 : -1);
    for (int number = 0; number < 65; number++) {
        info.si_signo = number;
        must_fail("kill", number, kill(1, number));
        must_fail("tkill", number, syscall(SYS_tkill, 1, number));
        must_fail("tgkill", number, syscall(SYS_tgkill, 1, 1, number));
        must_fail("rt_sigqueueinfo", number, syscall(SYS_rt_sigqueueinfo, 1, number, &info));
        must_fail("rt_tgsigqueueinfo", number, syscall(SYS_rt_tgsigqueueinfo, 1, 1, number, &info));
    }
    int fd = syscall(SYS_pidfd_open, 1, 0);
    if (fd >= 0) must_fail("pidfd_send_signal", 0, syscall(SYS_pidfd_send_signal, fd, 0, 0, 0));
    puts("42");
    return 0;
}
