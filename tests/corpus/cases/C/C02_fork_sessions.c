// id: C02
// tries: to get away from the kill with children that are each in a session of their own and fork on
// stops: [kill-all, pid-namespace, pids-max]
// limits: {cpu_ms: 1000, memory_mib: 256, pids: 24}
// expect: [TLE]
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    struct { atomic_int tries, alive, told; } *all = mmap(0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    all->alive = 1;
    while (all->tries++ < 4000 && all->alive < 200) {
        if (fork() == 0) {
            all->alive++;
            setsid();
        }
    }
    // Nobody has ended so far, and those who come now need not be counted.
    usleep(200000);
    if (all->alive > 24) {
        if (all->told++ == 0) dprintf(1, "BREACH: %d processes\n42\n", (int)all->alive);
        usleep(100000);
        _exit(0);
    }
    for (long end = 0; end < 100000000000; end++) {
        atomic_thread_fence(memory_order_seq_cst);
        if (end % 100000 == 0) setsid();
    }
}
