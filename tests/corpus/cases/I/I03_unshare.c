// id: I03-unshare
// tries: to make a user namespace and to be root in it
// stops: [filter, no-further-namespaces]
// reason: unshare
// expect: [RTE]
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int result = unshare(CLONE_NEWUSER);
    fprintf(stderr, "BREACH: unshare came back with %d\n", result);
    puts("42");
}
