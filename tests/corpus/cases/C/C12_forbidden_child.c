// id: C12-forbidden
// tries: to end well at the moment when a child does what is forbidden
// stops: [seccomp-notify]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [RTE]
// reason: "ptrace"
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        puts("BREACH: ptrace came back");
        _exit(0);
    }
    waitpid(child, 0, 0);
    puts("42");
    return 0;
}
