// id: D24
// tries: to leave memory behind that the next test is charged for
// stops: [fresh-group, fresh-tmp]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 24, file_mib: 8}
// message: {tests: [{id: "1", stdin: "1\n", expected: "42\n"}, {id: "2", stdin: "2\n", expected: "42\n"}, {id: "3", stdin: "3\n", expected: "42\n"}]}
// expect: [AC]
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    // Twice this would be too much.
    const char *places[] = {"/tmp/rest", "/dev/shm/rest", "/work/rest"};
    char *block = malloc(3 << 20);
    if (!block) return 3;
    memset(block, 1, 3 << 20);
    for (int i = 0; i < 3; i++) {
        int fd = open(places[i], O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (fd < 0) fprintf(stderr, "BREACH: %s is there\n", places[i]);
        if (fd >= 0 && write(fd, block, 3 << 20) != 3 << 20) return 4;
    }
    // A child that would stay.
    if (fork() == 0) {
        setsid();
        sleep(60);
        _exit(0);
    }
    puts("42");
}
