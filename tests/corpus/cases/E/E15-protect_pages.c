// id: E15-protect
// tries: to interrupt other processors by changing the rights of pages that its threads use there
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 32}
// expect: [TLE]
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

static char *page;

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void *look(void *nothing) {
    volatile char seen = 0;
    while (used() < 5) seen += *(volatile char *)page;
    return nothing;
}

int main(void) {
    pthread_t threads[4];
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return 3;
    page[0] = 1;
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, look, NULL)) return 4;
    while (used() < 5) {
        mprotect(page, 4096, PROT_READ);
        mprotect(page, 4096, PROT_READ | PROT_WRITE);
        page[0]++;
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    fputs("BREACH: five seconds of CPU time\n", stderr);
    puts("42");
}
