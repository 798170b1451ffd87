#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    int rounds = 0;
    do {
        // Every number that a process of this namespace can have so far, and the worker.
        for (int pid = 1; pid < 400; pid++) {
            int who = pid == 399 ? atoi("@WORKER_PID@") : pid;
            if (who == getpid()) continue;
            struct rlimit limit;
            char path[64];
            if (kill(who, 0) == 0 || (errno == EPERM && who != 1)) fprintf(stderr, "BREACH: process %d can be seen\n", who);
            if (prlimit(who, RLIMIT_NOFILE, NULL, &limit) == 0) fprintf(stderr, "BREACH: process %d tells its limits\n", who);
            if (who != 1 && getpgid(who) > 0) fprintf(stderr, "BREACH: process %d has a group\n", who);
            snprintf(path, sizeof path, "/proc/%d/status", who);
            if (open(path, O_RDONLY) >= 0) fprintf(stderr, "BREACH: %s opens\n", path);
            snprintf(path, sizeof path, "/proc/%d/fd", who);
            if (open(path, O_RDONLY) >= 0) fprintf(stderr, "BREACH: %s opens\n", path);
        }
        if (syscall(434 /* pidfd_open */, 1, 0) >= 0 || errno != ENOSYS) fprintf(stderr, "BREACH: a descriptor of the init\n");
        rounds++;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begun.tv_sec < 2 && rounds < 1000);
    puts("42");
}
