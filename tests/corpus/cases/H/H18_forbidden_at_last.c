// id: H18-forbidden
// tries: a forbidden call in the tenth generation
// stops: [filter-kill]
// expect: [RTE]
// reason: ptrace (

#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int generation = argc > 1 ? atoi(argv[1]) : 0;
    char number[16], *next[] = {argv[0], number, 0}, *none[] = {0};
    snprintf(number, sizeof number, "%d", generation + 1);
    if (generation < 10)
        execve("/proc/self/exe", next, none);
    long r = ptrace(PTRACE_TRACEME, 0, 0, 0);
    fprintf(stderr, "BREACH: ptrace returned %ld\n", r);
    puts("42");
    return 0;
}
