// id: B03-run
// tries: to have a link collected as its output, under every name that somebody may read
// stops: [pipe-output, mount-namespace]
// expect: [WA]
#include <stdio.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"output.txt", "output", "out", "stdout", "1.out", "main.out", "result", "answer", "judge", "program"};
    const char *targets[] = {"@CANARY_DIR@", "/proc/self/environ", "/dev/zero", "/proc/1/environ", "/etc/shadow"};
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < 5; j++) {
            char name[64];
            snprintf(name, sizeof name, j ? "%s.%d" : "%s", names[i], j);
            if (symlink(targets[j], name)) perror(name);
        }
    puts("see the files");
}
