// id: F10-line
// tries: to have a line of ten MiB put into the report
// stops: [excerpt-bound]
// limits: {cpu_ms: 3000, pids: 4, stdout_kib: 16384, stderr_kib: 16384}
// expect: [WA]
#include <string.h>
#include <unistd.h>

int main(void) {
    static char text[1 << 20];
    memset(text, '\1', sizeof text);
    for (int i = 0; i < 10; i++)
        for (int fd = 1; fd < 3; fd++)
            for (size_t done = 0; done < sizeof text;) done += write(fd, text + done, sizeof text - done);
    return 0;
}
