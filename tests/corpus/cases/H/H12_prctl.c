// id: H12
// tries: every option of prctl that there is or may be
// stops: [filter-prctl]
// needs: [x86_64]
// expect: [AC]
// stdout: |
//   allowed: 1-3 15-16 21 23 29-30 39 41-42 1398164801
//   EPERM: 4 8 22 24 26 28 35-36 38 47 52-53 59 62 65 67

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// To 300, and those that are numbered by letters: yama, anonymous names, authenticated pointers.
enum { LAST = 300, MAGIC = 6 };
static const unsigned magic[MAGIC] = {0x1000, 0x41555856, 0x43535541, 0x53564d41, 0x59616d61, 0xffffffff};

int main(void) {
    static char fates[LAST + MAGIC];
    char *result = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < LAST + MAGIC; i++) {
        long option = i < LAST ? (unsigned)i : magic[i - LAST];
        *result = 'a';
        if (fork() == 0) {
            long r = syscall(SYS_prctl, option, 0L, 0L, 0L, 0L);
            *result = r >= 0 ? 'a' : errno == ENOSYS ? 'n' : errno == EPERM ? 'p' : 'a';
            _exit(0);
        }
        wait(0);
        fates[i] = *result;
    }
    const char *names[] = {"allowed", "EPERM"}, kinds[] = "ap";
    for (int k = 0; k < 2; k++) {
        printf("%s:", names[k]);
        for (int i = 0, from; i < LAST + MAGIC; i++)
            if (fates[from = i] == kinds[k]) {
                while (i + 1 < LAST && fates[i + 1] == kinds[k])
                    i++;
                printf(from == i ? " %u" : " %u-%d", from < LAST ? (unsigned)from : magic[from - LAST], i);
            }
        puts("");
    }
    return 0;
}
