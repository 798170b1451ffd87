#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    int n = 0;
    timer_t t;
    while (n < 100000 && timer_create(CLOCK_MONOTONIC, &e, &t) == 0)
        n++;
    if (n == 100000) {
        puts("there is no limit of timers");
        return 0;
    }
    sleep(4);
    puts("42");
    return 0;
}
