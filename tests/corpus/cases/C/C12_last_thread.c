// id: C12-thread
// tries: to hide its end, the first thread gone long before the one that fails
// stops: [exact-pid]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [RTE]
// reason: "exit code 5"
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *later(void *none) {
    usleep(200000);
    _exit(5);
    return none;
}

int main(void) {
    pthread_t thread;
    puts("42");
    fflush(stdout);
    pthread_create(&thread, 0, later, 0);
    // Only this thread; its code would be 0.
    syscall(SYS_exit, 0);
}
