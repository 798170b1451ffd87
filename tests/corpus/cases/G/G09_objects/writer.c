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

static int odd;

static long absent(const char *what, long result) {
    if (result >= 0 || errno != ENOSYS) {
        odd = 1;
        printf("%s: %s\n", what, result >= 0 ? "it is there" : strerror(errno));
    }
    return result;
}

int main(void) {
    // The number by which the other job looks for them.
    const int key = 0x47093909;
    long shm = absent("shmget", shmget(key, 4096, IPC_CREAT | 0666));
    if (shm >= 0) {
        char *p = shmat(shm, 0, 0);
        if (p != (void *)-1)
            strcpy(p, "word of the writer");
    }
    absent("semget", semget(key, 1, IPC_CREAT | 0666));
    long queue = absent("msgget", msgget(key, IPC_CREAT | 0666));
    struct {
        long type;
        char text[16];
    } message = {1, "of the writer"};
    absent("msgsnd", msgsnd(queue >= 0 ? queue : 0, &message, 16, IPC_NOWAIT));
    absent("mq_open", syscall(SYS_mq_open, "assay-g09", O_CREAT | O_RDWR, 0666, 0));
    sleep(3);
    // Nothing may be left for others if it was possible.
    if (shm >= 0)
        shmctl(shm, IPC_RMID, 0);
    if (queue >= 0)
        msgctl(queue, IPC_RMID, 0);
    semctl(semget(key, 0, 0), 0, IPC_RMID);
    syscall(SYS_mq_unlink, "assay-g09");
    if (!odd)
        puts("42");
    return 0;
}
