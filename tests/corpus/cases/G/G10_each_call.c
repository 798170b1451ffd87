// id: G10-calls
// tries: to use keyrings by each of their calls
// stops: [filter-kill]
// expect: [RTE]
// reason: keyctl
// message:
//   stop: never
//   tests:
//     - {id: keyctl, stdin: "0\n", expected: "42\n"}
//     - {id: add_key, stdin: "1\n", expected: "42\n"}
//     - {id: request_key, stdin: "2\n", expected: "42\n"}

#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int which = 0;
    scanf("%d", &which);
    // Joins a session keyring; adds a key to the session's; asks for one.
    long got = which == 0   ? syscall(SYS_keyctl, 1, 0L, 0L, 0L, 0L)
               : which == 1 ? syscall(SYS_add_key, "user", "assay-g10", "word", 4L, -3L)
                            : syscall(SYS_request_key, "user", "assay-g10", 0L, 0L);
    fprintf(stderr, "BREACH: call %d returned %ld\n", which, got);
    puts("42");
    return 0;
}
