// id: H08
// tries: to leave its namespaces one kind at a time, or to enter those of another process
// stops: [filter-kill, no-further-namespaces]
// expect: [RTE]
// reason: unshare (
// message:
//   stop: never
//   tests:
//     - {id: user, stdin: "0x10000000\n", expected: "42\n"}
//     - {id: mounts, stdin: "0x20000\n", expected: "42\n"}
//     - {id: processes, stdin: "0x20000000\n", expected: "42\n"}
//     - {id: network, stdin: "0x40000000\n", expected: "42\n"}
//     - {id: ipc, stdin: "0x8000000\n", expected: "42\n"}
//     - {id: names, stdin: "0x4000000\n", expected: "42\n"}
//     - {id: groups, stdin: "0x2000000\n", expected: "42\n"}
//     - {id: time, stdin: "0x80\n", expected: "42\n"}
//     - {id: files, stdin: "0x600\n", expected: "42\n"}
//     - {id: everything, stdin: "0x7e020080\n", expected: "42\n"}
//     - {id: nothing, stdin: "0\n", expected: "42\n"}
//     - {id: enter, stdin: "-1\n", expected: "42\n"}

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    long flags = 0;
    scanf("%li", &flags);
    if (flags == -1) {
        const char *names[] = {"/proc/1/ns/mnt", "/proc/1/ns/net", "/proc/self/ns/net", "/proc/self/ns/user"};
        for (int i = 0; i < 4; i++) {
            int f = open(names[i], O_RDONLY), r = setns(f, 0);
            fprintf(stderr, "BREACH: setns of %s returned %d: %m\n", names[i], r);
        }
    } else {
        int r = unshare(flags);
        fprintf(stderr, "BREACH: unshare of %#lx returned %d: %m\n", flags, r);
    }
    puts("42");
    return 0;
}
