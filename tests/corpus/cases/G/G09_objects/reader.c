#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    const int key = 0x47093909;
    int odd = 0;
    // The other job comes some time.
    for (int i = 0; i < 50 && !odd; i++, usleep(50000)) {
        long found[] = {shmget(key, 0, 0), semget(key, 0, 0), msgget(key, 0), syscall(SYS_mq_open, "assay-g09", O_RDWR, 0, 0)};
        for (int k = 0; k < 4; k++)
            if (found[k] >= 0) {
                odd = 1;
                fprintf(stderr, "BREACH: object %d of another job\n", k);
            }
        if (found[0] >= 0) {
            char *p = shmat(found[0], 0, SHM_RDONLY);
            if (p != (void *)-1)
                fprintf(stderr, "BREACH: it says %.20s\n", p);
        }
        for (int id = 0; id < 64; id++) {
            struct shmid_ds s;
            if (shmctl(id, SHM_STAT, &s) >= 0) {
                odd = 1;
                fprintf(stderr, "BREACH: segment %d\n", id);
            } else if (errno != ENOSYS && !odd++)
                printf("shmctl: %m\n");
        }
    }
    const char *lists[] = {"/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg", "/dev/mqueue"};
    for (int i = 0; i < 4; i++)
        if (access(lists[i], F_OK) == 0) {
            odd = 1;
            printf("%s is there\n", lists[i]);
        }
    if (!odd)
        puts("42");
    return 0;
}
