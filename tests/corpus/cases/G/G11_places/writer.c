#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    const char *places[] = {"/dev/shm", "/tmp", "/work", "/var/tmp", "/run", "/run/lock", "/dev/mqueue", "/dev", "/"};
    char path[64];
    for (int i = 0; i < 9; i++) {
        snprintf(path, sizeof path, "%s/assay-g11", places[i]);
        int f = open(path, O_CREAT | O_RDWR, 0666);
        if (f >= 0 && write(f, "word", 4) != 4)
            printf("%s: %m\n", path);
        // What the sandbox gives to every run takes files; nothing else does.
        if ((f >= 0) != (i < 3)) {
            printf("%s: %s\n", path, f >= 0 ? "takes files" : "takes none");
            return 0;
        }
    }
    int f = shm_open("/assay-g11-shm", O_CREAT | O_RDWR, 0666);
    if (f < 0 || sem_open("/assay-g11", O_CREAT, 0666, 1) == SEM_FAILED) {
        printf("a named object: %m\n");
        return 0;
    }
    sleep(3);
    puts("42");
    return 0;
}
