// id: F06-file
// tries: to have a file taken for its output, in the place of the output's descriptor
// stops: [stdout-pipe]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [WA]
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (int fd = 0; fd < 3; fd++) close(fd);
    // The lowest numbers are given first.
    open("output.txt", O_RDWR | O_CREAT, 0600);
    open("output.txt", O_RDWR | O_CREAT, 0600);
    open("stdout", O_RDWR | O_CREAT, 0600);
    puts("42");
    fflush(stdout);
    write(0, "42\n", 3), write(2, "42\n", 3);
    return 0;
}
