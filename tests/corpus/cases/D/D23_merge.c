// id: D23
// tries: to have its pages merged with equal ones of others, which tells what others have
// stops: [filter]
// limits: {memory_mib: 32}
// expect: [AC]
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#endif

int main(void) {
    size_t size = 4 << 20;
    char line[128];
    char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return 3;
    memset(at, 0x5a, size);
    if (!prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0)) fputs("BREACH: all of its memory may be merged\n", stderr);
    madvise(at, size, MADV_MERGEABLE);
    usleep(1500000);
    FILE *file = fopen("/proc/self/ksm_stat", "r");
    while (file && fgets(line, sizeof line, file)) {
        long pages;
        if (sscanf(line, "ksm_merging_pages %ld", &pages) == 1 && pages > 0) fprintf(stderr, "BREACH: %ld pages were merged\n", pages);
    }
    puts("42");
}
