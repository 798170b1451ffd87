// id: D03
// tries: to keep its memory where it is no process's own, in shared pages that nobody has mapped any more
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    size_t size = 64 << 20;
    char *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 3;
    // Each part is touched by a child that ends at once; what it was charged for stays.
    for (int part = 0; part < 16; part++) {
        pid_t child = fork();
        if (child < 0) return 4;
        if (child == 0) {
            memset(shared + part * (size / 16), 1, size / 16);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    fputs("BREACH: 64 MiB of shared memory\n", stderr);
    puts("42");
}
