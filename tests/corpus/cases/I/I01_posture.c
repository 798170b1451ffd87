// id: I01-posture
// tries: to find anything about its own standing that differs from what it must be
// stops: [user-namespace, mount-namespace, net-namespace, ipc-namespace, uts-namespace, cgroup-namespace, capabilities, bounding-set, no-new-privileges, filter, program-user, supplementary-groups, rlimit-fsize, rlimit-cpu, rlimit-nofile, rlimit-memlock, rlimit-msgqueue, rlimit-nice, rlimit-rtprio, rlimit-sigpending, rlimit-core, umask, signal-actions, personality, oom-score, own-session, close-descriptors, die-with-init]
// stdout: |
//   ids 1000 1000 1000 1000 / 1000 1000 1000 1000, groups
//   capabilities 0 0 0 0 0, no new privileges 1, filter 2 1
//   signals 0 0 0 0 0, all default
//   map 999 1 1000 1 / 999 1 1000 1
//   process 2 of 1, group 2, session 2, terminal 0, threads 1, tracer 0
//   dumpable 1, keeps capabilities 0, dies by 9, personality 0, policy 0, nice 0, slack 50000
//   umask 022, score 1000
//   cpu limited, fsize 16777216, data unlimited, stack unlimited, core off, rss unlimited, nproc same, nofile 256, memlock 65536, as unlimited, locks unlimited, sigpending 256, msgqueue 0, nice 0, rtprio 0, rttime unlimited
//   HOME=/tmp LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin TMPDIR=/tmp
//   descriptors 0 1 2, read only 1, write only 1 1
//   directory /work, host box, domain (none)
//   namespaces cgroup own, ipc own, mnt own, net own, pid own, user own, uts own
//   groups /, interfaces lo
// expect: [AC]
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static char text[1 << 16];

static char *slurp(const char *path) {
    int fd = open(path, O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    return text;
}

static const char *field(const char *name, int base) {
    static char out[8][128];
    static int next;
    char *at = strstr(slurp("/proc/self/status"), name), *into = out[next = (next + 1) % 8];
    *into = 0;
    if (!at) return "?";
    at += strlen(name);
    at[strcspn(at, "\n")] = 0;
    for (char *word = strtok(at, " \t"); word; word = strtok(NULL, " \t")) sprintf(into + strlen(into), "%s%llu", *into ? " " : "", strtoull(word, NULL, base));
    return into;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

int main(void) {
    printf("ids %s / %s, groups %s\n", field("\nUid:", 10), field("\nGid:", 10), field("\nGroups:", 10));
    printf("capabilities %s %s %s %s %s, ", field("CapInh:", 16), field("CapPrm:", 16), field("CapEff:", 16), field("CapBnd:", 16), field("CapAmb:", 16));
    printf("no new privileges %s, filter %s %s\n", field("NoNewPrivs:", 10), field("Seccomp:", 10), field("Seccomp_filters:", 10));
    printf("signals %s %s %s %s %s, ", field("SigPnd:", 16), field("ShdPnd:", 16), field("SigBlk:", 16), field("SigIgn:", 16), field("SigCgt:", 16));
    const char *all = "all default";
    for (int i = 1; i < 65; i++) {
        struct sigaction action;
        if (!sigaction(i, NULL, &action) && action.sa_handler != SIG_DFL) all = "not all default";
    }
    puts(all);
    int m[12] = {0};
    sscanf(slurp("/proc/self/uid_map"), "%d %*u %d %d %*u %d %d", m, m + 1, m + 2, m + 3, m + 4);
    sscanf(slurp("/proc/self/gid_map"), "%d %*u %d %d %*u %d %d", m + 5, m + 6, m + 7, m + 8, m + 9);
    if (m[4] || m[9]) fprintf(stderr, "BREACH: more ids than two\n");
    printf("map %d %d %d %d / %d %d %d %d\n", m[0], m[1], m[2], m[3], m[5], m[6], m[7], m[8]);
    int terminal = -1;
    sscanf(strrchr(slurp("/proc/self/stat"), ')') + 1, " %*c %*d %*d %*d %d", &terminal);
    printf("process %d of %d, group %d, session %d, terminal %d, threads %s, tracer %s\n", getpid(), getppid(), getpgrp(), getsid(0), terminal, field("Threads:", 10), field("TracerPid:", 10));
    int death = -1;
    prctl(PR_GET_PDEATHSIG, &death);
    printf("dumpable %d, keeps capabilities ", prctl(PR_GET_DUMPABLE));
    // Reading it may be refused, then nobody can have set it.
    int keeps = prctl(PR_GET_KEEPCAPS);
    printf("%d, dies by %d, personality %x, policy %d, nice %d, slack %d\n", keeps < 0 ? 0 : keeps, death, personality(0xffffffff), sched_getscheduler(0), getpriority(PRIO_PROCESS, 0),
           prctl(PR_GET_TIMERSLACK));
    mode_t mask = umask(0);
    umask(mask);
    printf("umask %03o, score %d\n", mask, atoi(slurp("/proc/self/oom_score_adj")));
    const char *names[] = {"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"};
    for (int i = 0; i < 16; i++) {
        struct rlimit limit;
        getrlimit(i, &limit);
        printf("%s%s ", i ? ", " : "", names[i]);
        // The first follows the limit of the test, the others may be lower where the worker has lower ones.
        if (limit.rlim_cur != limit.rlim_max) printf("%lu of %lu", limit.rlim_cur, limit.rlim_max);
        else if (limit.rlim_cur == RLIM_INFINITY && i != 6) printf("unlimited");
        else if (i == 0 && limit.rlim_cur < 1000) printf("limited");
        else if (i == 4 && limit.rlim_cur <= 1) printf("off");
        else if (i == 6) printf("same");
        else printf("%lu", limit.rlim_cur);
    }
    puts("");
    int count = 0;
    while (environ[count]) count++;
    qsort(environ, count, sizeof *environ, by_text);
    for (int i = 0; i < count; i++) printf("%s%s", i ? " " : "", environ[i]);
    printf("\ndescriptors");
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) printf(" %d", fd);
    printf(", read only %d, write only %d %d\n", (fcntl(0, F_GETFL) & O_ACCMODE) == O_RDONLY, (fcntl(1, F_GETFL) & O_ACCMODE) == O_WRONLY, (fcntl(2, F_GETFL) & O_ACCMODE) == O_WRONLY);
    struct utsname host;
    uname(&host);
    char cwd[256] = "?";
    printf("directory %s, host %s, domain %s\n", getcwd(cwd, sizeof cwd), host.nodename, host.domainname);
    // The first namespaces of a kernel have numbers that never change; those of mounts and networks have had them since Linux 6.18.
    struct { const char *name; unsigned long first; } spaces[] = {{"cgroup", 0xeffffffb}, {"ipc", 0xefffffff}, {"mnt", 0xeffffff8}, {"net", 0xeffffff9}, {"pid", 0xeffffffc}, {"user", 0xeffffffd}, {"uts", 0xeffffffe}};
    printf("namespaces");
    for (int i = 0; i < 7; i++) {
        char path[64], target[64] = "";
        snprintf(path, sizeof path, "/proc/self/ns/%s", spaces[i].name);
        if (readlink(path, target, sizeof target - 1) < 0) strcpy(target, "[0]");
        unsigned long number = strtoul(strchr(target, '[') + 1, NULL, 10);
        printf("%s %s %s", i ? "," : "", spaces[i].name, number == 0 ? "unknown" : number == spaces[i].first ? "the host's" : "own");
    }
    printf("\ngroups ");
    int own = 1;
    for (char *line = strtok(slurp("/proc/self/cgroup"), "\n"); line; line = strtok(NULL, "\n")) own &= strstr(line, ":/") && !strcmp(strstr(line, ":/"), ":/");
    printf("%s, interfaces", own ? "/" : "of the host");
    int number = 0;
    for (char *line = strtok(slurp("/proc/self/net/dev"), "\n"); line; line = strtok(NULL, "\n")) {
        char name[64];
        if (number++ > 1 && sscanf(line, " %63[^:]", name) == 1) printf(" %s", name);
    }
    puts("");
}
