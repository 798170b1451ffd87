// id: I03-clone
// tries: to make a user namespace, in which it would have every capability, by clone and what is like it
// stops: [filter, no-further-namespaces, proc-read-only]
// needs: [x86_64]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    unsigned long flags[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP, 0x80 /* time */};
    for (int mask = 1; mask < 256; mask++) {
        unsigned long wanted = SIGCHLD;
        for (int i = 0; i < 8; i++)
            if (mask >> i & 1) wanted |= flags[i];
        // For clone the last is a part of the signal's number.
        if (mask >> 7) wanted &= ~0x80ul;
        if ((wanted & ~0xfful) == 0) continue;
        for (int high = 0; high < 2; high++) {
            long child = syscall(SYS_clone, wanted | (high ? 1ul << 40 : 0), 0, 0, 0, 0);
            if (child == 0) _exit(0);
            if (child > 0) {
                fprintf(stderr, "BREACH: clone with %lx\n", wanted);
                waitpid(child, NULL, 0);
            }
        }
        uint64_t args[11] = {wanted & ~0xfful, 0, 0, 0, SIGCHLD};
        if (mask >> 7) args[0] |= 0x80;
        long child = syscall(435, args, 64);
        if (child == 0) _exit(0);
        if (child > 0 || errno != ENOSYS) fprintf(stderr, "BREACH: clone3 with %lx, error %d\n", (long)args[0], errno);
    }
    const char *maps[] = {"/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups", "/proc/sys/user/max_user_namespaces"};
    for (int i = 0; i < 4; i++) {
        int fd = open(maps[i], O_WRONLY);
        if (fd >= 0) fprintf(stderr, "BREACH: %s opens for writing\n", maps[i]);
        close(fd);
    }
    puts("42");
}
