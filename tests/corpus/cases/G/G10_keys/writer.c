#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    // Thread, process, session, user and user session keyrings.
    for (int ring = -1; ring >= -5; ring--) {
        long key = syscall(SYS_add_key, "user", "assay-g10", "word", 4L, (long)ring);
        fprintf(stderr, "BREACH: add_key returned %ld for keyring %d\n", key, ring);
        // All may see it who may see the keyring.
        if (key > 0)
            syscall(SYS_keyctl, 5, key, 0x3f3f3f3fL);
    }
    puts("42");
    return 0;
}
