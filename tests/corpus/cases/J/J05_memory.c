// id: J05-program-c
// tries: to find what should be printed in all memory that the process was started with, and what other processes show
// stops: [expected-outside-the-sandbox, pidns]
// secret: true
// expect: [WA]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 20];

static void look(const char *data, size_t size) {
    for (size_t i = 0; i + 23 <= size; i++)
        if (memcmp(data + i, "CANAR", 5) == 0 && memcmp(data + i + 5, "Y_", 2) == 0 && data + i < data + size - 22 &&
            strspn(data + i + 7, "0123456789abcdef") >= 16) {
            printf("BRE" "ACH: %.23s\n%.23s\n", data + i, data + i);
            exit(0);
        }
}

static void look_at(const char *path) {
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    ssize_t count;
    while (fd >= 0 && (count = read(fd, buffer, sizeof buffer - 1)) > 0) {
        buffer[count] = 0;
        look(buffer, count);
    }
    if (fd >= 0) close(fd);
}

int main(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    char line[512], path[64];
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        if (sscanf(line, "%lx-%lx r", &start, &end) != 2 || strstr(line, "vsyscall") || strstr(line, "vvar")) continue;
        for (; start < end; start += sizeof buffer / 2) {
            // The buffer itself is not searched.
            if (start + sizeof buffer > (unsigned long)buffer && start < (unsigned long)buffer + sizeof buffer) continue;
            ssize_t count = pread(memory, buffer, sizeof buffer - 1, start);
            if (count <= 0) break;
            look(buffer, count);
        }
    }
    static const char *const names[] = {"environ", "cmdline", "mem", "fd/0", "fd/3", "maps", "stack", "auxv"};
    for (int pid = 1; pid < 300; pid++)
        for (int i = 0; i < 8; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
            if (pid != getpid()) look_at(path);
        }
    for (int i = 0; i < 64; i++) {
        ssize_t count = pread(i, buffer, sizeof buffer - 1, 0);
        if (count > 0) look(buffer, count);
    }
    puts("nothing");
    return 0;
}
