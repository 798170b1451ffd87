// id: C24-arguments
// tries: to execute itself with two MiB of arguments and with a hundred thousand variables
// stops: [kernel-argument-limit, memory-max]
// limits: {cpu_ms: 2000, pids: 4, memory_mib: 64}
// expect: [AC]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *one[] = {"self", "one", 0};

int main(int argc, char **argv, char **env) {
    int count = 0;
    while (env[count]) count++;
    if (argc > 1000 || count > 1000) {
        // It was possible, and nothing was lost.
        if (argc > 1000 ? argc == 2000 : count == 100000) puts("42");
        else printf("%d arguments, %d variables\n", argc, count);
        return 0;
    }
    char **many = calloc(100001, sizeof *many);
    if (argc > 1) {
        for (int i = 0; i < 100000; i++) many[i] = "VARIABLE=x";
        execve("/proc/self/exe", one, many);
        puts("42");
        return 0;
    }
    char *text = malloc(1001);
    memset(text, 'a', 1000);
    text[1000] = 0;
    for (int i = 0; i < 2000; i++) many[i] = text;
    if (fork() == 0) {
        if (freopen("/dev/null", "w", stdout)) execve("/proc/self/exe", many, (char *[]){0});
        _exit(0);
    }
    execve("/proc/self/exe", one, (char *[]){0});
    return 1;
}
