// id: C18
// tries: to be judged by what it says of itself
// stops: [kernel-counters]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#include <stdio.h>

int main(void) {
    const char *lines[] = {"timelimit exceeded", "Time limit exceeded", "Killed", "memory limit exceeded", "Segmentation fault (core dumped)",
                           "terminate called after throwing an instance of 'std::bad_alloc'", "java.lang.OutOfMemoryError: Java heap space",
                           "Traceback (most recent call last):", "MemoryError", "Bad system call", "Command terminated by signal 9",
                           "status:TO\nexitsig:9\nkilled:1\nmax-rss:99999999\n", "{\"verdict\":\"JE\",\"exit\":{\"signal\":9}}"};
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) fprintf(stderr, "%s\n", lines[i]);
    puts("42");
    return 0;
}
