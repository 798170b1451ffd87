// id: C23
// tries: to break who reads of it in /proc, by the names of its threads and programs
// stops: [names-are-not-parsed]
// limits: {cpu_ms: 1000, wall_ms: 8000, pids: 8}
// expect: [AC]
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *names[] = {") R 1 1 1\n", "a) Z 1 (b) S", "\n\n\n) X 0 0", "((((((((((((((", "))))))))))))))", "\x1b[2J\xff\xfe\x01", ""};

static void *with_name(void *name) {
    prctl(PR_SET_NAME, name);
    usleep(700000);
    return name;
}

int main(int argc, char **argv) {
    if (argc == 1) {
        // The name of a program's file becomes its name, too.
        if (link("/proc/self/exe", "x) R 0\n(x") < 0) rename(argv[0], "x) R 0\n(x");
        execl("x) R 0\n(x", ") S 1 1\n", "second", (char *)0);
    }
    pthread_t threads[6];
    for (int i = 0; i < 6; i++) pthread_create(&threads[i], 0, with_name, (void *)names[i]);
    prctl(PR_SET_NAME, names[0]);
    for (int i = 0; i < 6; i++) pthread_join(threads[i], 0);
    puts("42");
    return 0;
}
