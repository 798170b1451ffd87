// id: E09-limits
// tries: to find a limit that would let it raise its priority if a call for that came through
// stops: [rlimit-nice, rlimit-rtprio]
// limits: {memory_mib: 16}
// expect: [AC]
#include <stdio.h>
#include <sys/resource.h>

int main(void) {
    int all[] = {RLIMIT_NICE, RLIMIT_RTPRIO};
    const char *names[] = {"nice", "real-time"};
    for (int i = 0; i < 2; i++) {
        struct rlimit now, more = {40, 40};
        if (getrlimit(all[i], &now)) return 3;
        if (now.rlim_max > 0) fprintf(stderr, "BREACH: %s up to %lu\n", names[i], (unsigned long)now.rlim_max);
        if (!setrlimit(all[i], &more)) fprintf(stderr, "BREACH: %s could be raised\n", names[i]);
    }
    puts("42");
}
