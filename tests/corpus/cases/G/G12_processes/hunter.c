#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    for (int turn = 0; turn < 4 && !odd; turn++, usleep(600000))
        for (int pid = 1; pid < (turn ? 4000 : 100000) && odd < 10; pid++) {
            if (pid == getpid())
                continue;
            int allowed = kill(pid, 0) == 0, there = allowed || errno == EPERM;
            // Process 1 is the sandbox's own; it has another user, and so may not be signalled.
            if (allowed || (there && pid != 1)) {
                odd++;
                fprintf(stderr, "BREACH: process %d %s\n", pid, allowed ? "takes signals" : "is there");
                if (allowed)
                    kill(pid, SIGUSR1);
            }
            if (pid > 300 && !there)
                continue;
            const char *names[] = {"mem", "environ", "cmdline", "maps", "root", "cwd", "fd", "ns/pid", "status"};
            for (int i = 0; i < 9; i++) {
                char path[64], text[64];
                snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
                int f = open(path, O_RDONLY);
                if (f >= 0 || readlink(path, text, sizeof text) >= 0) {
                    odd++;
                    fprintf(stderr, "BREACH: %s can be read\n", path);
                }
                if (f >= 0)
                    close(f);
            }
        }
    // To all that may be signalled, of which there must be none; the number 0 does nothing to them.
    if (kill(-1, 0) == 0 || errno != ESRCH) {
        odd++;
        fprintf(stderr, "BREACH: there are others to signal: %m\n");
    }
    for (long pid = 2; pid < 1000; pid++) {
        if (syscall(SYS_pidfd_open, pid, 0) >= 0 || errno != ENOSYS) {
            odd++;
            printf("pidfd_open: %m\n");
            break;
        }
        if (pid != getpid() && (getpgid(pid) >= 0 || getsid(pid) >= 0 || syscall(SYS_sched_getscheduler, pid) >= 0)) {
            odd++;
            fprintf(stderr, "BREACH: process %ld tells of itself\n", pid);
        }
    }
    if (!odd)
        puts("42");
    return 0;
}
