// id: C17-sys-output
// tries: to hide that it printed too much behind a signal that looks like a forbidden call
// stops: [seccomp-notify, stdout-cap]
// limits: {cpu_ms: 1000, pids: 4, stdout_kib: 16}
// repeat: 20
// expect: [OLE]
#include <signal.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    // It fits into the pipe, so that the signal comes before anybody has counted.
    static char text[40000];
    memset(text, '\n', sizeof text);
    memcpy(text, "42\n", 3);
    write(1, text, sizeof text);
    raise(SIGSYS);
    return 0;
}
