#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t hits;

static void hit(int signal) {
    hits = signal;
}

int main(void) {
    signal(SIGUSR1, hit);
    for (int i = 0; i < 60; i++)
        usleep(50000);
    if (hits)
        fprintf(stderr, "BREACH: a signal of another job\n");
    puts("42");
    return 0;
}
