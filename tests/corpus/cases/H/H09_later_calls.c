// id: H09-later
// tries: to look at mounts by calls that are newer than the list of what is allowed
// stops: [filter-default]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    // statmount, listmount, open_tree_attr, file_getattr, file_setattr, listns; of everything later nobody knows the name yet.
    int odd = 0;
    unsigned long request[4] = {24, 0xffffffffffffffffUL, 0, 0}, room[64];
    for (long number = 453; number < 600; number++)
        if (syscall(number, request, room, sizeof room, 0L, 0L, 0L) >= 0) {
            odd = 1;
            fprintf(stderr, "BREACH: call %ld is there\n", number);
        } else if (errno != ENOSYS && !odd++)
            printf("call %ld: %m\n", number);
    if (!odd)
        puts("42");
    return 0;
}
