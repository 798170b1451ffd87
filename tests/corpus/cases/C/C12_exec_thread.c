// id: C12-exec
// tries: to change who is waited for, by executing another program from a thread that is not the first
// stops: [exact-pid]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [RTE]
// reason: "exit code 6"
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *execute(void *none) {
    usleep(10000);
    execl("/proc/self/exe", "second", "second", (char *)0);
    return none;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        puts("42");
        fflush(stdout);
        if (fork() == 0) _exit(0);
        usleep(20000);
        return 6;
    }
    pthread_t thread;
    pthread_create(&thread, 0, execute, 0);
    for (;;) pause();
}
