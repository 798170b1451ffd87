// id: H20-executed
// tries: to execute the stack, data and memory that was only mapped to be written, also after asking to be another kind of process
// stops: [processor, filter-personality]
// needs: [x86_64, fast]
// expect: [AC]

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char data[16] = {(char)0xc3};

static int runs(char *code) {
    int status;
    if (fork() == 0) {
        ((void (*)(void))code)();
        _exit(0);
    }
    wait(&status);
    return !WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV;
}

int main(int argc, char **argv) {
    char stack[16] = {(char)0xc3}, *heap = malloc(16);
    char *mapped = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mapped[0] = heap[0] = stack[0];
    int odd = 0;
    // Where reading is executing; it would take effect in what is executed next and in what is mapped next.
    if (syscall(SYS_personality, 0x0400000) >= 0 && argc == 1) {
        fprintf(stderr, "BREACH: a personality where reading is executing\n");
        execl("/proc/self/exe", argv[0], "again", (char *)0);
    }
    char *places[] = {data, stack, heap, mapped, mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};
    const char *names[] = {"data", "the stack", "the heap", "a mapping", "a new mapping"};
    for (int i = 0; i < 5; i++)
        if (runs(places[i])) {
            odd = 1;
            fprintf(stderr, "BREACH: %s is executed\n", names[i]);
        }
    if (!odd)
        puts("42");
    return 0;
}
