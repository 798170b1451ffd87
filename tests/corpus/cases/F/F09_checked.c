// id: F09-delete
// tries: to put a file of its own in the place of the input, by the names that a judge might read
// stops: [input-not-in-work-directory]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"input.txt", "stdin", "1.in", "input", "/dev/stdin", "1.ans", "output.txt", "answer"};
    for (int i = 0; i < 8; i++) {
        unlink(names[i]);
        FILE *file = fopen(names[i], "w");
        if (!file) continue;
        fputs("41\n", file);
        fclose(file);
    }
    puts("41");
    return 0;
}
