// id: I03-setns
// tries: to enter the namespaces of another process by its descriptors
// stops: [filter, capabilities, proc-hidepid]
// reason: setns
// expect: [RTE]
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int init = open("/proc/1/ns/user", O_RDONLY);
    if (init >= 0) fprintf(stderr, "BREACH: the init's namespaces\n");
    int result = setns(open("/proc/self/ns/user", O_RDONLY), CLONE_NEWUSER);
    fprintf(stderr, "BREACH: setns came back with %d\n", result);
    puts("42");
}
