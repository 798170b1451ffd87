#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

int main(void) {
    const char *files[] = {"/usr/lib/os-release", "/etc/ld.so.conf", "/usr/bin/env", "/etc/passwd", "/etc/hosts", "/dev/null", "/dev/zero", "/tmp", "/dev/shm"};
    const char *spaces[] = {"/", "/tmp", "/dev/shm", "/work", "/dev"};
    struct stat first[9], now;
    struct statvfs space[5], free;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 9; i++) {
            memset(&now, 0, sizeof now);
            stat(files[i], round ? &now : &first[i]);
            if (round && (now.st_atim.tv_nsec != first[i].st_atim.tv_nsec || now.st_mtim.tv_nsec != first[i].st_mtim.tv_nsec || now.st_nlink != first[i].st_nlink ||
                          now.st_ctim.tv_nsec != first[i].st_ctim.tv_nsec || now.st_size != first[i].st_size))
                fprintf(stderr, "BREACH: %s changed\n", files[i]);
        }
        for (int i = 0; i < 5; i++) {
            memset(&free, 0, sizeof free);
            statvfs(spaces[i], round ? &free : &space[i]);
            if (round && (free.f_bfree != space[i].f_bfree || free.f_ffree != space[i].f_ffree)) fprintf(stderr, "BREACH: the space of %s changed\n", spaces[i]);
        }
        usleep(25000);
    }
    puts("42");
}
