// id: I12
// tries: to gain or keep a capability through executions, of itself, of scripts, of the loader, from a process that asked to keep them
// stops: [capabilities, bounding-set, no-new-privileges, filter, nosuid-trees]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void look(const char *how) {
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        unsigned long long set = 0;
        if (!strncmp(line, "Cap", 3) && sscanf(line + 8, "%llx", &set) == 1 && set) fprintf(stderr, "BREACH: %s: %s", how, line);
        if (!strncmp(line, "NoNewPrivs:\t0", 13) || !strncmp(line, "Seccomp:\t0", 10)) fprintf(stderr, "BREACH: %s: %s", how, line);
        if (!strncmp(line, "Uid:", 4) && strcmp(line, "Uid:\t1000\t1000\t1000\t1000\n")) fprintf(stderr, "BREACH: %s: %s", how, line);
    }
    if (status) fclose(status);
}

int main(int count, char **args) {
    int step = count > 1 ? atoi(args[count - 1]) : 0;
    char how[32];
    snprintf(how, sizeof how, "step %d", step);
    look(how);
    if (step == 6) {
        puts("42");
        return 0;
    }
    char next[8], script[32];
    snprintf(next, sizeof next, "%d", step + 1);
    snprintf(script, sizeof script, "/work/step%d", step);
    if (prctl(PR_SET_KEEPCAPS, 1) == 0) fprintf(stderr, "BREACH: keeps capabilities\n");
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0) == 0) fprintf(stderr, "BREACH: ambient\n");
    if (prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0) fprintf(stderr, "BREACH: new privileges\n");
    setuid(0);
    // In turn itself, a script with set-uid bits, a shell that keeps its rights, another name for itself, one with set-uid bits, and env.
    int fd = open(script, O_WRONLY | O_CREAT, 0700);
    dprintf(fd, "#!/bin/sh\nexec \"$CHAIN\" %d\n", step + 1);
    fchmod(fd, 06777);
    close(fd);
    char self[256] = "";
    readlink("/proc/self/exe", self, sizeof self - 1);
    setenv("CHAIN", self, 1);
    switch (step) {
        case 0: execl("/proc/self/exe", "x", next, NULL); break;
        case 1: execl(script, script, NULL); break;
        case 2: execl("/bin/sh", "sh", "-p", "-c", "exec \"$CHAIN\" 3", NULL); break;
        case 3: syscall(SYS_execve, "/proc/thread-self/exe", (char *[]){"", next, NULL}, environ); break;
        case 4: link(self, "/work/other"); chmod("/work/other", 06777); execl("/work/other", "x", next, NULL); break;
        case 5: execl("/usr/bin/env", "env", "-i", self, next, NULL); break;
    }
    execl(self, "x", next, NULL);
    return 1;
}
