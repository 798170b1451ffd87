// id: C20
// tries: to have the init killed in its place when memory runs out
// stops: [init-outside-the-group, proc-read-only]
// limits: {cpu_ms: 2000, memory_mib: 64, pids: 16}
// repeat: 5
// expect: [MLE]
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    const char *files[] = {"/proc/self/oom_score_adj", "/proc/1/oom_score_adj", "/proc/self/oom_adj"};
    for (int i = 0; i < 3; i++) {
        int fd = open(files[i], O_WRONLY);
        if (fd >= 0 && write(fd, i == 1 ? "1000" : "-1000", 5 - (i == 1)) > 0) printf("BREACH: %s was changed\n", files[i]);
    }
    // Many small ones, of which none is much larger than an init.
    for (int i = 0; i < 14; i++)
        if (fork() == 0) break;
    size_t total = 0;
    while (total < 512 << 20) {
        char *more = malloc(1 << 18);
        if (!more) break;
        memset(more, 1, 1 << 18);
        total += 1 << 18;
        usleep(100);
    }
    puts("BREACH: half a gibibyte\n42");
    return 0;
}
