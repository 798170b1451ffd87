// id: H24-foreign
// tries: to fill the kernel's log with calls of 32-bit programs and crashes of many children
// stops: [filter-arch, end-at-first-forbidden-call]
// needs: [x86_64, fast]
// expect: [RTE]
// reason: another architecture

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 100000; i++) {
        int child = fork();
        if (child == 0) {
            if (i % 2)
                __asm__ volatile("int $0x80" : : "a"(20L) : "memory");
            else
                raise(SIGSEGV);
            _exit(0);
        }
        waitpid(child, 0, 0);
        if (i > 100) {
            fprintf(stderr, "BREACH: the run goes on after %d of these\n", i);
            break;
        }
    }
    puts("42");
    return 0;
}
