// id: C01-tree
// tries: to have more processes than its limit, every process forking until it fails
// stops: [pids-max]
// limits: {cpu_ms: 1000, memory_mib: 256, pids: 16}
// expect: [TLE]
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    struct { atomic_int tries, alive, told; } *all = mmap(0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    all->alive = 1;
    while (all->tries++ < 4000 && all->alive < 200) {
        int pid = fork();
        if (pid == 0) all->alive++;
        if (pid < 0) usleep(50);
    }
    // Nobody has ended so far, and those who come now need not be counted.
    usleep(200000);
    if (all->alive > 16) {
        if (all->told++ == 0) dprintf(1, "BREACH: %d processes\n42\n", (int)all->alive);
        usleep(100000);
        _exit(0);
    }
    for (long end = 0; end < 100000000000; end++) atomic_thread_fence(memory_order_seq_cst);
}
