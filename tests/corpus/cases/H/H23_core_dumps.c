// id: H23
// tries: to have the kernel write its memory to a file or start a helper of the host for each of many crashes
// stops: [rlimit-core]
// limits: {cpu_ms: 4000, wall_ms: 9000}
// expect: [RTE]
// reason: SIGSEGV

#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    // One byte is more than nothing, for which a handler that is a pipe would be started all the same, and no file is made.
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    if (core.rlim_cur > 1 || core.rlim_max > 1)
        fprintf(stderr, "BREACH: a core may have %lu bytes\n", (unsigned long)core.rlim_max);
    struct rlimit more = {1 << 30, 1 << 30};
    if (setrlimit(RLIMIT_CORE, &more) == 0)
        fprintf(stderr, "BREACH: and more\n");
    const int signals[] = {SIGSEGV, SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGXCPU, SIGXFSZ};
    char *much = mmap(0, 32 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(much, 'x', 32 << 20);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (int i = 0; i < 90; i++) {
        int status;
        if (fork() == 0) {
            prctl(PR_SET_NAME, i % 3 == 0 ? "|/bin/sh -c %s" : i % 3 == 1 ? "../../etc/x" : "\n%p %P\n");
            raise(signals[i % 9]);
            _exit(0);
        }
        wait(&status);
        if (WCOREDUMP(status))
            fprintf(stderr, "BREACH: signal %d left a core\n", WTERMSIG(status));
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    long each = ((after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000) / 90;
    // Written out it would be 32 MiB each time, or a program of the host that is started and read from.
    if (each > 50000)
        fprintf(stderr, "BREACH: a crash takes %ld us\n", each);
    const char *places[] = {"/work", "/tmp", "/dev/shm", "/"};
    for (int i = 0; i < 4; i++) {
        DIR *d = opendir(places[i]);
        for (struct dirent *e; d && (e = readdir(d));)
            if (strstr(e->d_name, "core"))
                fprintf(stderr, "BREACH: %s/%s\n", places[i], e->d_name);
    }
    raise(SIGSEGV);
    return 0;
}
