#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    for (int i = 0; i < 70; i++, usleep(50000)) {
        timer_t t[100];
        int n = 0;
        while (n < 100 && timer_create(CLOCK_MONOTONIC, &e, &t[n]) == 0)
            n++;
        if (n < 100) {
            fprintf(stderr, "BREACH: another job took the timers, %d are left\n", n);
            return 0;
        }
        while (n)
            timer_delete(t[--n]);
    }
    puts("42");
    return 0;
}
