// id: E11
// tries: to set the clocks of the machine
// stops: [filter, capabilities]
// limits: {memory_mib: 16}
// expect: [AC]
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static double between(void) {
    struct timespec real, boot;
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_MONOTONIC, &boot);
    return real.tv_sec - boot.tv_sec + (real.tv_nsec - boot.tv_nsec) / 1e9;
}

static void check(const char *what, long result) {
    if (result >= 0) fprintf(stderr, "BREACH: %s\n", what);
}

int main(void) {
    double before = between();
    struct timespec then;
    struct timeval same;
    // The values are those of now, so that a host that is not protected keeps the right time.
    for (int clock = 0; clock < 12; clock++)
        if (!clock_gettime(clock, &then)) check("clock_settime", syscall(SYS_clock_settime, clock, &then));
    gettimeofday(&same, NULL);
    check("settimeofday", syscall(SYS_settimeofday, &same, NULL));
    struct timezone zone = {0, 0};
    check("settimeofday of the zone", syscall(SYS_settimeofday, NULL, &zone));
    struct timex change = {.modes = ADJ_OFFSET, .offset = 0};
    check("adjtimex", syscall(SYS_adjtimex, &change));
    change.modes = ADJ_TICK, change.tick = 10000;
    check("clock_adjtime", syscall(SYS_clock_adjtime, CLOCK_REALTIME, &change));
    const char *files[] = {"/proc/self/timens_offsets", "/proc/1/timens_offsets", "/dev/rtc", "/dev/rtc0", "/dev/ptp0"};
    for (int i = 0; i < 5; i++) {
        int fd = open(files[i], i < 2 ? O_WRONLY : O_RDWR);
        if (fd >= 0) fprintf(stderr, "BREACH: %s can be opened\n", files[i]);
    }
    double moved = between() - before;
    if (moved > 0.5 || moved < -0.5) fprintf(stderr, "BREACH: the clock moved by %.1f seconds\n", moved);
    puts("42");
}
