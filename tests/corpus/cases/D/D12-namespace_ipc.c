// id: D12-namespace
// tries: to find out whether the objects that it might make are the host's
// stops: [ipc-namespace]
// limits: {memory_mib: 32}
// expect: [AC]
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    char link[64] = "";
    ssize_t length = readlink("/proc/self/ns/ipc", link, sizeof link - 1);
    // The kernel gives the first of all such namespaces this number (proc_ns.h).
    if (length > 0 && !strcmp(link, "ipc:[4026531839]")) fprintf(stderr, "BREACH: %s is the host's\n", link);
    puts("42");
}
