// id: E16
// tries: nothing, it ends at once and must not pay for what was done before it began
// stops: [bootstrap-not-charged]
// limits: {memory_mib: 16}
// message: {limits: {cpu_ms: 2, wall_ms: 5000, memory_bytes: 16777216, pids: 1}}
// repeat: 20
// needs: [fast]
// expect: [AC]
#include <unistd.h>

int main(void) {
    write(1, "42\n", 3);
    _exit(0);
}
