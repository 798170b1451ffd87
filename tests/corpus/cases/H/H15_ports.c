// id: H15-ports
// tries: to be allowed the machine's ports
// stops: [filter-kill, capabilities]
// needs: [x86_64]
// expect: [RTE]
// reason: iopl (
// message:
//   stop: never
//   tests:
//     - {id: iopl, stdin: "0\n", expected: "42\n"}
//     - {id: ioperm, stdin: "1\n", expected: "42\n"}
//     - {id: instruction, stdin: "2\n", expected: "42\n"}

#include <stdio.h>
#include <sys/io.h>

int main(void) {
    int which = 0, r = 0;
    scanf("%d", &which);
    if (which == 0)
        r = iopl(3);
    if (which == 1)
        r = ioperm(0x80, 1, 1);
    // The port of the power-on self test, to which writing does nothing; without permission the processor refuses.
    if (which == 2)
        outb(0, 0x80);
    fprintf(stderr, "BREACH: way %d returned %d\n", which, r);
    puts("42");
    return 0;
}
