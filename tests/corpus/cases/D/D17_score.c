// id: D17
// tries: to make another process the one that is killed when memory is short
// stops: [oom-score, proc-read-only]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16}
// expect: [MLE]
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    const char *files[] = {
        "/proc/self/oom_score_adj", "/proc/self/oom_adj",  "/proc/thread-self/oom_score_adj",
        "/proc/1/oom_score_adj",    "/proc/2/oom_score_adj",
    };
    const char *values[] = {"-1000", "-17", "0", "1000"};
    char text[16] = "";
    for (int i = 0; i < 5; i++)
        for (int n = 0; n < 4; n++) {
            int fd = open(files[i], O_WRONLY);
            if (fd >= 0 && write(fd, values[n], strlen(values[n])) > 0) fprintf(stderr, "BREACH: %s in %s\n", values[n], files[i]);
            if (fd >= 0) close(fd);
        }
    int fd = open("/proc/self/oom_score_adj", O_RDONLY);
    // If the machine is short of memory, this must be the first to go.
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0 || atoi(text) != 1000) fprintf(stderr, "BREACH: the score is %s\n", text);
    for (int i = 0; i < 64; i++) {
        char *volatile more = malloc(1 << 20);
        if (!more) return 3;
        memset(more, 1, 1 << 20);
    }
    fputs("BREACH: 64 MiB\n", stderr);
    puts("42");
}
