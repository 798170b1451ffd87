// id: G09-names
// tries: to find itself in namespaces of the machine, by the numbers that the first ones have, and by the machine's name
// stops: [ipc-namespace, uts-namespace, net-namespace, pid-namespace, user-namespace, cgroup-namespace, mount-namespace]
// expect: [AC]

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    const char *kinds[] = {"ipc", "uts", "net", "pid", "user", "cgroup", "mnt"};
    for (int i = 0; i < 7; i++) {
        char path[64], target[64] = "", expected[16];
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        if (readlink(path, target, sizeof target - 1) < 0)
            continue;
        snprintf(expected, sizeof expected, "%s:[", kinds[i]);
        // The kernel numbers its own namespaces before it makes any other; they are the last ones before the numbers
        // that it gives out, or the very first of these.
        unsigned long number = strtoul(target + strlen(expected), 0, 10);
        if (strncmp(target, expected, strlen(expected)) || number < 0xf0000002) {
            odd = 1;
            fprintf(stderr, "BREACH: a namespace of the machine: %s\n", target);
        }
    }
    struct utsname u;
    uname(&u);
    if (strcmp(u.nodename, "box")) {
        odd = 1;
        fprintf(stderr, "BREACH: the machine is called %s\n", u.nodename);
    }
    if (!odd)
        puts("42");
    return 0;
}
