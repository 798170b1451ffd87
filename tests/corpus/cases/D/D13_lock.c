// id: D13
// tries: to lock its memory, so that the kernel cannot take any of it back
// stops: [rlimit-memlock]
// limits: {memory_mib: 64}
// expect: [AC]
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define SIZE (1 << 20)

int main(void) {
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    if (!setrlimit(RLIMIT_MEMLOCK, &more)) fputs("BREACH: the limit could be raised\n", stderr);
    char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return 3;
    if (!mlock(at, SIZE)) fputs("BREACH: mlock of 1 MiB\n", stderr);
    if (!mlock2(at, SIZE, MLOCK_ONFAULT)) fputs("BREACH: mlock2 of 1 MiB\n", stderr);
    if (mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) != MAP_FAILED)
        fputs("BREACH: a mapping of 1 MiB that is locked\n", stderr);
    // Little by little.
    int locked = 0;
    while (locked < SIZE / 4096 && !mlock(at + locked * 4096, 4096)) locked++;
    if (locked > 16) fprintf(stderr, "BREACH: %d pages one by one\n", locked);
    if (locked == 0) return 4;
    munlockall();
    if (!mlockall(MCL_CURRENT)) fputs("BREACH: mlockall\n", stderr);
    if (!mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) fputs("BREACH: mlockall for the future\n", stderr);
    puts("42");
}
