// id: C04-children
// tries: to hide its CPU time in a chain of processes, each of which executes the next and ends
// stops: [cpu-limit, kill-all]
// limits: {cpu_ms: 1000, pids: 64}
// expect: [TLE]
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int number = argc > 1 ? atoi(argv[1]) : 0;
    if (number == 0 && fork() > 0) {
        for (int i = 0; i < 400; i++) usleep(100000);
        puts("BREACH: nobody counted the chain\n42");
        return 0;
    }
    for (volatile int i = 0; i < 2000000; i++);
    char text[20];
    snprintf(text, sizeof text, "%d", number + 1);
    if (fork() == 0) execl("/proc/self/exe", "again", text, (char *)0);
    return 0;
}
