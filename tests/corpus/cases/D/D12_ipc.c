// id: D12
// tries: to keep things in objects that outlive it and are nobody's memory
// stops: [filter]
// limits: {memory_mib: 32}
// expect: [AC]
#include <stdio.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 200; i++) {
        long shared = syscall(SYS_shmget, IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);
        long set = syscall(SYS_semget, IPC_PRIVATE, 250, IPC_CREAT | 0600);
        long queue = syscall(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600);
        long posix = syscall(SYS_mq_open, "corpus", O_CREAT | O_RDWR, 0600, NULL);
        if (shared >= 0 || set >= 0 || queue >= 0 || posix >= 0) {
            fprintf(stderr, "BREACH: shmget %ld, semget %ld, msgget %ld, mq_open %ld\n", shared, set, queue, posix);
            break;
        }
    }
    // What others have made.
    for (int i = 0; i < 8; i++)
        if (syscall(SYS_shmat, i, NULL, 0) >= 0 || syscall(SYS_shmctl, i, IPC_RMID, NULL) >= 0) {
            fprintf(stderr, "BREACH: somebody's segment %d\n", i);
            break;
        }
    puts("42");
}
