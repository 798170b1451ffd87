// id: J15-time
// tries: to let an interpreter do the computing, so that its time is not the program's
// stops: [cpu-of-the-group]
// limits: {memory_mib: 128, cpu_ms: 1000, wall_ms: 6000}
// expect: [TLE]
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char answer[16] = "";
    FILE *bash = popen("exec perl -e 'while (times < 2.5) { $x++ for 1 .. 100000 } print 42'", "r");
    if (bash && fgets(answer, sizeof answer, bash)) printf("BRE" "ACH: 2.5 seconds of CPU time within 1\n%s\n", answer);
    return 0;
}
