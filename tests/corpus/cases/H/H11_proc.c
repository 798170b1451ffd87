// id: H11-proc
// tries: to get at the memory and descriptors of the process above it by the files of /proc
// stops: [proc-hidepid, user-per-slot, undumpable-init]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"mem", "maps", "environ", "auxv", "syscall", "stack", "wchan", "pagemap", "fd/0", "fdinfo/0",
                           "exe", "root", "cwd", "ns/user", "map_files", "task/1/mem", "cgroup", "stat", "limits", "personality"};
    const char *who[] = {"1", "self/../1", "thread-self/../../../1"};
    int odd = 0;
    for (int w = 0; w < 3; w++)
        for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
            char path[64], target[64];
            snprintf(path, sizeof path, "/proc/%s/%s", who[w], names[i]);
            int f = open(path, O_RDONLY | O_PATH * (i % 2));
            if (f >= 0 || open(path, O_RDWR) >= 0 || readlink(path, target, sizeof target) > 0) {
                odd = 1;
                fprintf(stderr, "BREACH: %s is open\n", path);
            }
        }
    if (!odd)
        puts("42");
    return 0;
}
