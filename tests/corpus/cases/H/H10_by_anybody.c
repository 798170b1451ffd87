// id: H10-anybody
// tries: forbidden calls by a thread, a child, an orphan and a child of vfork, to go on when it alone is gone
// stops: [filter-kill, end-at-first-forbidden-call]
// expect: [RTE]
// reason: perf_event_open (
// message:
//   stop: never
//   tests:
//     - {id: thread, stdin: "0\n", expected: "42\n"}
//     - {id: child, stdin: "1\n", expected: "42\n"}
//     - {id: orphan, stdin: "2\n", expected: "42\n"}
//     - {id: vfork, stdin: "3\n", expected: "42\n"}
//     - {id: handler, stdin: "4\n", expected: "42\n"}

#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void call(void) {
    long r = syscall(SYS_perf_event_open, 0L, 0, -1, -1, 0L);
    dprintf(2, "BREACH: the call returned %ld\n", r);
}

static void *thread(void *p) {
    call();
    return p;
}

static void handler(int signal) {
    (void)signal;
    call();
}

int main(void) {
    int which = 0;
    scanf("%d", &which);
    // Nobody hears of a signal that is caught or ignored, as the kernel's own would be.
    signal(SIGSYS, which == 4 ? handler : SIG_IGN);
    pthread_t t;
    if (which == 0 && pthread_create(&t, 0, thread, 0) == 0)
        pthread_join(t, 0);
    if (which == 1 && fork() == 0)
        call(), _exit(0);
    if (which == 2 && fork() == 0) {
        if (fork() == 0) {
            setsid();
            usleep(100000);
            call();
        }
        _exit(0);
    }
    if (which == 3 && vfork() == 0)
        call(), _exit(0);
    if (which == 4)
        call();
    while (wait(0) > 0) {
    }
    usleep(300000);
    dprintf(2, "BREACH: the run went on\n");
    puts("42");
    return 0;
}
