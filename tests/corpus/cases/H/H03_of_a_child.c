// id: H03-child
// tries: to have a child make the calls of 32-bit programs, and to go on as if nothing had been
// stops: [filter-arch, end-at-first-forbidden-call]
// needs: [x86_64, fast]
// expect: [RTE]
// reason: another architecture

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int status, pid = fork();
    if (pid == 0) {
        long got;
        __asm__ volatile("int $0x80" : "=a"(got) : "a"(20L) : "memory");
        fprintf(stderr, "BREACH: int 0x80 returned %ld\n", got);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    // The child was killed; a forbidden call of any process ends the run.
    puts("42");
    return 0;
}
