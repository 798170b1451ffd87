#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    char text[16] = "";
    for (int ring = -1; ring >= -5; ring--) {
        long key = syscall(SYS_keyctl, 10, (long)ring, "user", "assay-g10", 0L);
        if (key > 0) {
            syscall(SYS_keyctl, 11, key, text, sizeof text - 1);
            fprintf(stderr, "BREACH: a key of another job in keyring %d: %s\n", ring, text);
        }
    }
    long key = syscall(SYS_request_key, "user", "assay-g10", 0L, 0L);
    if (key > 0)
        fprintf(stderr, "BREACH: a key of another job, number %ld\n", key);
    puts("42");
    return 0;
}
