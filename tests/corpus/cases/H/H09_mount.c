// id: H09
// tries: to mount, to take away what is mounted, to change its root, by the old calls and by the new ones
// stops: [filter-kill, capabilities]
// expect: [RTE]
// reason: mount (
// message:
//   stop: never
//   tests:
//     - {id: mount, stdin: "0\n", expected: "42\n"}
//     - {id: umount2, stdin: "1\n", expected: "42\n"}
//     - {id: pivot_root, stdin: "2\n", expected: "42\n"}
//     - {id: chroot, stdin: "3\n", expected: "42\n"}
//     - {id: fsopen, stdin: "4\n", expected: "42\n"}
//     - {id: fsconfig, stdin: "5\n", expected: "42\n"}
//     - {id: fsmount, stdin: "6\n", expected: "42\n"}
//     - {id: fspick, stdin: "7\n", expected: "42\n"}
//     - {id: open_tree, stdin: "8\n", expected: "42\n"}
//     - {id: move_mount, stdin: "9\n", expected: "42\n"}
//     - {id: mount_setattr, stdin: "10\n", expected: "42\n"}

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int which = -1;
    long r = 0, attributes[4] = {1};
    scanf("%d", &which);
    mkdir("/tmp/m", 0755);
    switch (which) {
        case 0: r = mount("none", "/tmp/m", "tmpfs", 0, "size=64k"); break;
        case 1: r = umount2("/tmp/m", MNT_DETACH); break;
        case 2: r = syscall(SYS_pivot_root, "/tmp/m", "/tmp/m"); break;
        case 3: r = chroot("/tmp/m"); break;
        case 4: r = syscall(SYS_fsopen, "tmpfs", 1); break;
        case 5: r = syscall(SYS_fsconfig, 0, 1, "source", "none", 0); break;
        case 6: r = syscall(SYS_fsmount, 0, 1, 0); break;
        case 7: r = syscall(SYS_fspick, AT_FDCWD, "/tmp/m", 0); break;
        case 8: r = syscall(SYS_open_tree, AT_FDCWD, "/tmp/m", 1); break;
        case 9: r = syscall(SYS_move_mount, AT_FDCWD, "/tmp/m", AT_FDCWD, "/tmp/m", 0); break;
        case 10: r = syscall(SYS_mount_setattr, AT_FDCWD, "/tmp/m", 0, attributes, 32L); break;
    }
    fprintf(stderr, "BREACH: call %d returned %ld: %m\n", which, r);
    puts("42");
    return 0;
}
