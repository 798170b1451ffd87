// id: H13
// tries: all commands of ioctl of 16 bits, and those of file systems, disks, networks and virtual machines, on what it can open
// stops: [filter-ioctl]
// needs: [x86_64]
// limits: {cpu_ms: 4000, wall_ms: 9000}
// expect: [AC]
// stdout: |
//   allowed: 0x5401 0x540f 0x5410 0x5413 0x541b 0x5421 0x5450 0x5451
//   EPERM: 0x5412 0x5414 0x541c 0x541d 0x5423 0x40086602 0xc0045877

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const unsigned long encoded[] = {
    0x40086602,  // FS_IOC_SETFLAGS
    0x80086601,  // FS_IOC_GETFLAGS
    0x801c581f,  // FS_IOC_FSGETXATTR
    0x401c5820,  // FS_IOC_FSSETXATTR
    0xc020660b,  // FS_IOC_FIEMAP
    0xc0045877,  // FIFREEZE
    0xc0045878,  // FITHAW
    0xc0185879,  // FITRIM
    0x40049409,  // FICLONE
    0x4020940d,  // FICLONERANGE
    0xc0189436,  // FIDEDUPERANGE
    0x40087601,  // FS_IOC_GETVERSION's neighbour
    0x80087601,  // FS_IOC_GETVERSION
    0x800c6613,  // FS_IOC_SET_ENCRYPTION_POLICY
    0x40806685,  // FS_IOC_ENABLE_VERITY
    0xc0c0583b,  // XFS exchange
    0x5000940e,  // btrfs subvolumes
    0x50009417,  // btrfs snapshots
    0x80041272,  // BLKBSZGET and the like
    0x40081271, 0x80081272,
    0xb701, 0xb702, 0xb703, 0xb704,      // namespaces of a file of /proc/self/ns
    0x80086d08,  // PAGEMAP_SCAN's group
    0xc0606610,  // PAGEMAP_SCAN
    0xc0502100,  // SECCOMP_IOCTL_NOTIF_RECV
    0xc0182101,  // SECCOMP_IOCTL_NOTIF_SEND
    0x40182103,  // SECCOMP_IOCTL_NOTIF_ADDFD
    0xae00, 0xae01, 0xae41,              // KVM
    0x400454ca,  // TUNSETIFF
    0xc018aa3f,  // UFFDIO_API
    0x2400, 0x2401, 0x40042406,          // performance counters
    0x40085203, 0x5204, 0x5206,          // the random numbers' entropy
    0xc0089300,  // autofs
    0xc138fd00,  // device mapper
    0x4c00, 0x4c82,                      // loop devices
    0x541c, 0x80045430, 0x40045431,      // more of terminals: virtual consoles, numbers of pseudo terminals, their locks
    0x5441, 0x4004540d,                  // TIOCGPTPEER
    0xc0105500,  // USB
    0xc0406400,  // DRM_IOCTL_VERSION
    0x80044801,  // HID
    0xff0b, 0xff01,                      // descriptors of processes
    0xffffffff,
};

int main(void) {
    int pair[2], fds[12], n = 0;
    int own = open("own", O_CREAT | O_RDWR, 0600);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return 1;
    fds[n++] = own;
    fds[n++] = open("/work", O_RDONLY | O_DIRECTORY);
    fds[n++] = open("/dev/null", O_RDWR);
    fds[n++] = open("/dev/urandom", O_RDONLY);
    fds[n++] = open("/usr/bin/env", O_RDONLY);
    fds[n++] = open("/proc/self/ns/user", O_RDONLY);
    fds[n++] = open("/proc/self/pagemap", O_RDONLY);
    fds[n++] = memfd_create("m", 0);
    fds[n++] = pair[0];
    static char allowed[1 << 16], refused[1 << 16], room[1 << 16];
    const unsigned long count = sizeof encoded / sizeof *encoded;
    char more_allowed[count], more_refused[count];
    memset(more_allowed, 0, count);
    memset(more_refused, 0, count);
    for (int i = 0; i < n; i++)
        for (unsigned long k = 0; k < (1 << 16) + count; k++) {
            unsigned long command = k < 1 << 16 ? k : encoded[k - (1 << 16)];
            // All numbers on the first; on the others those of terminals, disks, networks and consoles.
            if (i > 0 && k < 1 << 16 && !strchr("\x12\x4b\x53\x54\x56\x89\xae\xb7", (int)(k >> 8)))
                continue;
            // What closes by itself on execution is undone by what comes after it.
            long r = syscall(SYS_ioctl, fds[i], command, room);
            char ok = r >= 0 || (errno != ENOSYS && errno != EPERM), not = r < 0 && errno == EPERM;
            (k < 1 << 16 ? allowed : more_allowed)[k < 1 << 16 ? k : k - (1 << 16)] |= ok;
            (k < 1 << 16 ? refused : more_refused)[k < 1 << 16 ? k : k - (1 << 16)] |= not;
        }
    for (int which = 0; which < 2; which++) {
        char *small = which ? refused : allowed, *more = which ? more_refused : more_allowed;
        int shown = 0;
        printf(which ? "EPERM:" : "allowed:");
        for (unsigned long k = 0; k < (1 << 16) + count; k++) {
            unsigned long command = k < 1 << 16 ? k : encoded[k - (1 << 16)];
            if ((k < 1 << 16 ? small[k] : more[k - (1 << 16)]) && (k < 1 << 16 || command >> 16) && shown++ < 50)
                printf(" %#lx", command);
        }
        puts("");
    }
    return 0;
}
