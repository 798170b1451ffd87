// id: F03-fails
// tries: to have a milder verdict than that of too much output, by failing in other ways at the same time
// stops: [stdout-cap, drain-after-death]
// limits: {cpu_ms: 1000, pids: 4, stdout_kib: 16}
// expect: [OLE]
#include <signal.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[60000];
    memset(text, '\n', sizeof text);
    memcpy(text, "42\n", 3);
    write(1, text, sizeof text);
    raise(SIGSEGV);
    return 0;
}
