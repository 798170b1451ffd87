// id: B12-run
// tries: to leave a tree so deep that removing it takes long or overflows a stack
// stops: [tmp-inodes, work-inodes, drop-mount]
// limits: {cpu_ms: 4000, wall_ms: 12000, memory_mib: 256}
// expect: [AC]
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    const char *dirs[] = {"/work", "/tmp", "/dev/shm"};
    for (int i = 0; i < 3; i++) {
        chdir(dirs[i]);
        int depth = 0;
        while (depth < 200000 && mkdir("a", 0700) == 0 && chdir("a") == 0) depth++;
        if (depth == 200000) fprintf(stderr, "BREACH: %d deep in %s\n", depth, dirs[i]);
    }
    puts("42");
}
