// id: H20
// tries: to map memory at address 0, or to have a mapping moved or grown there
// stops: [mmap-min-addr, filter-personality, capabilities]
// needs: [x86_64]
// expect: [AC]

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int odd;

static void breach(const char *what) {
    odd = 1;
    fprintf(stderr, "BREACH: %s\n", what);
}

static int dies(void (*f)(void)) {
    int status;
    if (fork() == 0) {
        f();
        _exit(0);
    }
    wait(&status);
    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
}

static void touch_zero(void) {
    *(volatile char *)8 = 1;
}

static void grow_down(void) {
    // A mapping that grows towards 0 when it is touched from below.
    volatile char *p = mmap((void *)0x10000, 4096, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
    if (p == MAP_FAILED)
        raise(SIGSEGV);
    for (volatile char *q = p; q > (char *)16; q -= 4096)
        *q = 1;
    *(volatile char *)8 = 1;
}

int main(void) {
    const int flags[] = {0, MAP_GROWSDOWN, MAP_POPULATE, MAP_LOCKED};
    for (int i = 0; i < 4; i++)
        for (long at = 0; at < 0x10000; at += 0x1000) {
            void *p = mmap((void *)at, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | flags[i], -1, 0);
            // Machines may leave out more or less than 64 KiB; the first page they all do.
            if (p != MAP_FAILED && at < 0x1000)
                breach("memory at 0");
            if (p != MAP_FAILED)
                munmap(p, 4096);
        }
    char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mremap(p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0) != MAP_FAILED)
        breach("memory moved to 0");
    if (syscall(SYS_personality, 0x0100000) >= 0 || syscall(SYS_personality, 0x0400000) >= 0)
        breach("a personality with page 0 or where reading is executing");
    if (!dies(touch_zero))
        breach("address 8 can be written");
    if (!dies(grow_down))
        breach("memory grew down to 0");
    if (!odd)
        puts("42");
    return 0;
}
