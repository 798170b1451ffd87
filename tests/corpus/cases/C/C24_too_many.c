// id: C24-too-many
// tries: to put more into arguments than its memory
// stops: [kernel-argument-limit, memory-max]
// limits: {cpu_ms: 2000, pids: 16, memory_mib: 64}
// expect: [AC, MLE]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc > 1) {
        if (argc > 1200) puts("BREACH: 120 MiB of arguments");
        sleep(argc > 20);
        return 0;
    }
    static char text[100 << 10];
    char **many = calloc(1400, sizeof *many);
    memset(text, 'a', sizeof text - 1);
    for (int i = 0; i < 1250; i++) many[i] = text;
    // One gets them all, and those after it five MiB each at the same time.
    for (int i = 0; i < 14; i++) {
        if (fork() == 0) {
            execve("/proc/self/exe", many, (char *[]){0});
            _exit(0);
        }
        if (i == 0) wait(0);
        many[50] = 0;
    }
    while (wait(0) > 0);
    puts("42");
    return 0;
}
