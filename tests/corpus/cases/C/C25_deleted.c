// id: C25-deleted
// tries: to go on as a program whose file is gone
// stops: [exec-failure-is-the-programs]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char path[200] = "";
    readlink("/proc/self/exe", path, sizeof path - 1);
    if (argc > 1) {
        if (!strstr(path, "(deleted)")) puts("the file is still there");
        puts("42");
        return 0;
    }
    unlink(path);
    execl("/proc/self/exe", "again", "again", (char *)0);
    return 1;
}
