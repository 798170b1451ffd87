// id: H07
// tries: to make namespaces by clone3, whose flags no filter can see; threads must be possible all the same
// stops: [filter-default]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *work(void *p) {
    ++*(int *)p;
    return 0;
}

int main(void) {
    int odd = 0;
    const unsigned long long flags[] = {0, CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWTIME, CLONE_INTO_CGROUP,
                                        CLONE_PARENT, CLONE_CLEAR_SIGHAND};
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        for (long size = 64; size <= 88; size += 8) {
            struct clone_args a = {.flags = flags[i], .exit_signal = SIGCHLD};
            long r = syscall(SYS_clone3, &a, size);
            if (r == 0)
                _exit(0);
            if (r > 0) {
                odd = 1;
                fprintf(stderr, "BREACH: clone3 with %#llx\n", flags[i]);
                waitpid(r, 0, __WALL);
            } else if (errno != ENOSYS && !odd++)
                printf("clone3 with %#llx: %m\n", flags[i]);
        }
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        pthread_t t;
        int error = pthread_create(&t, 0, work, &sum);
        if (error) {
            odd = 1;
            printf("pthread_create: %s\n", strerror(error));
        } else
            pthread_join(t, 0);
    }
    if (!odd && sum == 8)
        puts("42");
    return 0;
}
