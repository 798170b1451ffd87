// id: H12-fcntl
// tries: every command of fcntl, of which locks, leases and notices are seen by others who have the same file
// stops: [filter-fcntl, filter-refuse]
// needs: [x86_64]
// expect: [AC]
// stdout: |
//   allowed: 0-4 8-9 1030 1032-1034
//   ENOLCK: 5-7 36-38 1024-1026
//   flock: EPERM

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LAST = 2100 };

int main(void) {
    static char fates[LAST];
    struct flock whole = {.l_type = F_RDLCK};
    // A file that every run on this machine shares.
    int shared = open("/usr/bin/env", O_RDONLY);
    for (int command = 0; command < LAST; command++) {
        int fd = dup(shared);
        // What duplicates descriptors shall begin at 100.
        long r = syscall(SYS_fcntl, fd, command, command == 5 || command == 6 || command == 36 || command == 37 ? (long)&whole : 100L);
        fates[command] = r >= 0 ? 'a' : errno == ENOSYS ? 'n' : errno == ENOLCK ? 'l' : 'a';
        close_range(100, 255, 0);
        close(fd);
    }
    const char *names[] = {"allowed", "ENOLCK"}, kinds[] = "al";
    for (int k = 0; k < 2; k++) {
        printf("%s:", names[k]);
        for (int i = 0, from; i < LAST; i++)
            if (fates[from = i] == kinds[k]) {
                while (i + 1 < LAST && fates[i + 1] == kinds[k])
                    i++;
                printf(from == i ? " %d" : " %d-%d", from, i);
            }
        puts("");
    }
    printf("flock: %s\n", flock(shared, LOCK_SH | LOCK_NB) == 0 ? "possible" : errno == EPERM ? "EPERM" : "refused otherwise");
    return 0;
}
