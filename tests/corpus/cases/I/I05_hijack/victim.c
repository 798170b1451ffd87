#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
    extern char **environ;
    for (char **variable = environ; *variable; variable++)
        if (variable[0][0] == 'L' && variable[0][1] == 'D') fprintf(stderr, "BREACH: %s\n", *variable);
    if (access("/etc/ld.so.preload", F_OK) == 0) fprintf(stderr, "BREACH: preloaded\n");
    if (system("sh -c 'id -u' > /dev/null")) fprintf(stderr, "BREACH: no shell\n");
    puts("42");
}
