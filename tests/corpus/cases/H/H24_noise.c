// id: H24
// tries: to fill the kernel's log with forbidden calls of many children
// stops: [filter-kill, end-at-first-forbidden-call]
// expect: [RTE]
// reason: keyctl (

#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 100000; i++) {
        int child = fork();
        if (child == 0) {
            syscall(SYS_keyctl, 0, 0, 0, 0, 0);
            _exit(0);
        }
        waitpid(child, 0, 0);
        if (i > 100) {
            fprintf(stderr, "BREACH: the run goes on after %d forbidden calls\n", i);
            break;
        }
    }
    puts("42");
    return 0;
}
