// id: B20
// tries: to open for writing what in /proc changes the machine, other processes, or its own standing
// stops: [proc-read-only, proc-subset, user-namespace]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/kernel/modprobe",
                           "/proc/sys/user/max_user_namespaces", "/proc/sys/vm/drop_caches", "/proc/sys/fs/binfmt_misc/register", "/proc/acpi/wakeup",
                           "/proc/irq/0/smp_affinity", "/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/self/uid_map", "/proc/self/gid_map",
                           "/proc/self/projid_map", "/proc/self/setgroups", "/proc/self/timerslack_ns", "/proc/self/coredump_filter", "/proc/self/comm",
                           "/proc/self/clear_refs", "/proc/self/autogroup", "/proc/self/loginuid", "/proc/self/sessionid", "/proc/self/mem",
                           "/proc/self/attr/current", "/proc/self/attr/exec", "/proc/self/attr/fscreate", "/proc/self/attr/keycreate",
                           "/proc/self/attr/sockcreate", "/proc/self/make-it-fail", "/proc/self/fail-nth", "/proc/self/sched", "/proc/self/latency",
                           "/proc/self/timens_offsets", "/proc/self/task/self/comm", "/proc/1/oom_score_adj", "/proc/1/comm", "/proc/1/mem", "/proc/1/uid_map",
                           "/proc/thread-self/comm", "/proc/thread-self/attr/exec", "/proc/fs/x", "/proc/new"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        int flags[] = {O_WRONLY, O_RDWR, O_WRONLY | O_APPEND, O_WRONLY | O_CREAT};
        for (int j = 0; j < 4; j++) {
            int fd = open(names[i], flags[j], 0600);
            if (fd < 0) continue;
            // Nothing is written: that it opens is enough.
            fprintf(stderr, "BREACH: %s opens\n", names[i]);
            close(fd);
            break;
        }
        if (truncate(names[i], 0) == 0) fprintf(stderr, "BREACH: %s can be cut\n", names[i]);
        if (chmod(names[i], 0666) == 0) fprintf(stderr, "BREACH: %s takes a mode\n", names[i]);
    }
    int self = open("/proc/self", O_PATH), fd = openat(self, "comm", O_WRONLY);
    if (fd >= 0 || mkdir("/proc/new", 0700) == 0) fprintf(stderr, "BREACH: by a descriptor\n");
    puts("42");
}
