// id: D12-queues
// tries: to raise what its user may have in message queues
// stops: [rlimit-msgqueue]
// limits: {memory_mib: 32}
// expect: [AC]
#include <stdio.h>
#include <sys/resource.h>

int main(void) {
    struct rlimit limit, more = {1 << 20, 1 << 20};
    if (getrlimit(RLIMIT_MSGQUEUE, &limit)) return 3;
    if (limit.rlim_max > 0) fprintf(stderr, "BREACH: %lu bytes of message queues\n", (unsigned long)limit.rlim_max);
    if (!setrlimit(RLIMIT_MSGQUEUE, &more)) fputs("BREACH: the limit could be raised\n", stderr);
    puts("42");
}
