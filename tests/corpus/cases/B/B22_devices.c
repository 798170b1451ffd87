// id: B22-open
// tries: to open or make devices other than the five harmless ones
// stops: [own-dev, nodev-trees, filter, capabilities, user-namespace]
// stdout: "fd full null random shm stderr stdin stdout urandom zero \n"
// expect: [AC]
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

int main(void) {
    const char *names[] = {"mem", "kmem", "kmsg", "port", "sda", "vda", "xvda", "nvme0n1", "loop0", "loop-control", "fuse", "kvm", "net/tun", "tty", "tty0",
                           "tty1", "ttyS0", "console", "ptmx", "pts/0", "pts/ptmx", "vsock", "vhost-net", "vhost-vsock", "uinput", "input/event0", "dri/card0",
                           "hpet", "rtc0", "nvidia0", "nvidiactl", "watchdog", "cpu/0/msr", "cpu_dma_latency", "userfaultfd", "mapper/control", "btrfs-control",
                           "autofs", "rfkill", "snapshot", "uhid", "ppp", "hwrng", "vfio/vfio", "sgx_enclave", "log", "initctl", "core"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "/dev/%s", names[i]);
        if (access(path, F_OK) == 0) fprintf(stderr, "BREACH: %s\n", path);
    }
    const char *dirs[] = {"/work", "/tmp", "/dev/shm", "/dev"};
    dev_t devices[] = {makedev(1, 1), makedev(1, 2), makedev(1, 3), makedev(1, 11), makedev(5, 0), makedev(5, 1), makedev(10, 200), makedev(10, 232), makedev(254, 0)};
    for (int i = 0; i < 4; i++)
        for (unsigned j = 0; j < sizeof devices / sizeof *devices; j++)
            for (int block = 0; block < 2; block++) {
                char path[64];
                snprintf(path, sizeof path, "%s/node", dirs[i]);
                if (mknod(path, (block ? S_IFBLK : S_IFCHR) | 0666, devices[j]) == 0) fprintf(stderr, "BREACH: %s %lx\n", path, (long)devices[j]);
                unlink(path);
            }
    // The five are what they are called, and nothing but that: written and read, they keep nothing.
    struct stat meta;
    struct { const char *path; int minor; } good[] = {{"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/full", 7}, {"/dev/random", 8}, {"/dev/urandom", 9}};
    for (int i = 0; i < 5; i++)
        if (stat(good[i].path, &meta) || !S_ISCHR(meta.st_mode) || meta.st_rdev != makedev(1, good[i].minor))
            fprintf(stderr, "BREACH: %s is another file\n", good[i].path);
    struct dirent **entries;
    int count = scandir("/dev", &entries, visible, alphasort);
    for (int i = 0; i < count; i++) printf("%s ", entries[i]->d_name);
    putchar('\n');
}
