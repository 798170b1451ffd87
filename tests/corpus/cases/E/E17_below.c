// id: E17
// tries: nothing, it stays 20 ms below its limit, twenty times
// stops: [cpu-limit]
// message: {limits: {cpu_ms: 200, wall_ms: 5000, memory_bytes: 16777216, pids: 1}, tests: [{id: "1", expected: "42\n"}, {id: "2", expected: "42\n"}, {id: "3", expected: "42\n"}, {id: "4", expected: "42\n"}, {id: "5", expected: "42\n"}, {id: "6", expected: "42\n"}, {id: "7", expected: "42\n"}, {id: "8", expected: "42\n"}, {id: "9", expected: "42\n"}, {id: "10", expected: "42\n"}, {id: "11", expected: "42\n"}, {id: "12", expected: "42\n"}, {id: "13", expected: "42\n"}, {id: "14", expected: "42\n"}, {id: "15", expected: "42\n"}, {id: "16", expected: "42\n"}, {id: "17", expected: "42\n"}, {id: "18", expected: "42\n"}, {id: "19", expected: "42\n"}, {id: "20", expected: "42\n"}]}
// needs: [fast]
// expect: [AC]
#include <stdio.h>
#include <time.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    while (used() < 0.18) {}
    puts("42");
}
