// id: H17
// tries: to find a thread, a child or a thread of a child without the filter or with privileges to gain
// stops: [filter, no-new-privileges, capabilities]
// limits: {pids: 80}
// expect: [AC]

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t all_there, seen;

static void *thread(void *p) {
    pthread_barrier_wait(&all_there);
    // Each tries by itself, too.
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT)
        dprintf(2, "BREACH: a thread has no filter\n");
    pthread_barrier_wait(&seen);
    return p;
}

// The lines of a status that say what a thread may.
static int look(const char *who) {
    char path[300], line[256];
    int good = 0, bad = 0;
    snprintf(path, sizeof path, "%s/status", who);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        char name[64], value[64];
        if (sscanf(line, "%63[^:]: %63s", name, value) != 2)
            continue;
        const char *wanted = !strcmp(name, "Seccomp")           ? "2"
                             : !strcmp(name, "NoNewPrivs")      ? "1"
                             : !strcmp(name, "Seccomp_filters") ? "1"
                             : !strncmp(name, "Cap", 3)         ? "0000000000000000"
                                                                : 0;
        if (wanted && strcmp(value, wanted)) {
            bad = 1;
            dprintf(2, "BREACH: %s: %s", who, line);
        }
        good += wanted != 0;
    }
    if (f)
        fclose(f);
    return good >= 7 && !bad;
}

static int look_at_all(void) {
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; d && (e = readdir(d));) {
        char who[300];
        snprintf(who, sizeof who, "/proc/self/task/%s", e->d_name);
        if (e->d_name[0] != '.')
            n += look(who);
    }
    closedir(d);
    return n;
}

int main(void) {
    enum { MANY = 64 };
    pthread_t t[MANY];
    pthread_attr_t a;
    pthread_attr_init(&a);
    pthread_attr_setstacksize(&a, 64 << 10);
    pthread_barrier_init(&all_there, 0, MANY + 1);
    pthread_barrier_init(&seen, 0, MANY + 1);
    for (int i = 0; i < MANY; i++)
        if (pthread_create(&t[i], &a, thread, 0)) {
            printf("thread %d: %m\n", i);
            return 0;
        }
    pthread_barrier_wait(&all_there);
    int n = look_at_all(), status = -1;
    pthread_barrier_wait(&seen);
    for (int i = 0; i < MANY; i++)
        pthread_join(t[i], 0);
    if (fork() == 0)
        _exit(look("/proc/self") && look("/proc/thread-self"));
    wait(&status);
    if (n == MANY + 1 && WIFEXITED(status) && WEXITSTATUS(status) == 1)
        puts("42");
    else
        printf("%d of %d threads, child %#x\n", n, MANY + 1, status);
    return 0;
}
