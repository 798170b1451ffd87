// id: E08-limit
// tries: to take off the kernel's own limit of its CPU time, which is there in case the judge is stopped
// stops: [rlimit-cpu]
// limits: {memory_mib: 16}
// expect: [AC]
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void) {
    struct rlimit now, more = {RLIM_INFINITY, RLIM_INFINITY};
    if (!setrlimit(RLIMIT_CPU, &more) || !prlimit(getpid(), RLIMIT_CPU, &more, NULL)) fputs("BREACH: it could be raised\n", stderr);
    if (getrlimit(RLIMIT_CPU, &now)) return 3;
    if (now.rlim_cur != now.rlim_max || now.rlim_max > 200) fprintf(stderr, "BREACH: the limit is %ld seconds\n", (long)now.rlim_max);
    puts("42");
}
