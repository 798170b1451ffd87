// id: H01-kill
// tries: each call that no program has a reason to make; the run must end there, without the call coming back
// stops: [filter-kill]
// needs: [x86_64]
// expect: [RTE]
// reason: ptrace (
// message:
//   stop: never
//   tests:
//     - {id: ptrace, stdin: "ptrace\n", expected: "42\n"}
//     - {id: process_vm_readv, stdin: "process_vm_readv\n", expected: "42\n"}
//     - {id: process_vm_writev, stdin: "process_vm_writev\n", expected: "42\n"}
//     - {id: kcmp, stdin: "kcmp\n", expected: "42\n"}
//     - {id: pidfd_getfd, stdin: "pidfd_getfd\n", expected: "42\n"}
//     - {id: bpf, stdin: "bpf\n", expected: "42\n"}
//     - {id: perf_event_open, stdin: "perf_event_open\n", expected: "42\n"}
//     - {id: userfaultfd, stdin: "userfaultfd\n", expected: "42\n"}
//     - {id: keyctl, stdin: "keyctl\n", expected: "42\n"}
//     - {id: add_key, stdin: "add_key\n", expected: "42\n"}
//     - {id: request_key, stdin: "request_key\n", expected: "42\n"}
//     - {id: mount, stdin: "mount\n", expected: "42\n"}
//     - {id: umount2, stdin: "umount2\n", expected: "42\n"}
//     - {id: pivot_root, stdin: "pivot_root\n", expected: "42\n"}
//     - {id: chroot, stdin: "chroot\n", expected: "42\n"}
//     - {id: fsopen, stdin: "fsopen\n", expected: "42\n"}
//     - {id: fsconfig, stdin: "fsconfig\n", expected: "42\n"}
//     - {id: fsmount, stdin: "fsmount\n", expected: "42\n"}
//     - {id: fspick, stdin: "fspick\n", expected: "42\n"}
//     - {id: open_tree, stdin: "open_tree\n", expected: "42\n"}
//     - {id: move_mount, stdin: "move_mount\n", expected: "42\n"}
//     - {id: mount_setattr, stdin: "mount_setattr\n", expected: "42\n"}
//     - {id: unshare, stdin: "unshare\n", expected: "42\n"}
//     - {id: setns, stdin: "setns\n", expected: "42\n"}
//     - {id: kexec_load, stdin: "kexec_load\n", expected: "42\n"}
//     - {id: kexec_file_load, stdin: "kexec_file_load\n", expected: "42\n"}
//     - {id: init_module, stdin: "init_module\n", expected: "42\n"}
//     - {id: finit_module, stdin: "finit_module\n", expected: "42\n"}
//     - {id: delete_module, stdin: "delete_module\n", expected: "42\n"}
//     - {id: iopl, stdin: "iopl\n", expected: "42\n"}
//     - {id: ioperm, stdin: "ioperm\n", expected: "42\n"}
//     - {id: swapon, stdin: "swapon\n", expected: "42\n"}
//     - {id: swapoff, stdin: "swapoff\n", expected: "42\n"}
//     - {id: reboot, stdin: "reboot\n", expected: "42\n"}
//     - {id: acct, stdin: "acct\n", expected: "42\n"}
//     - {id: quotactl, stdin: "quotactl\n", expected: "42\n"}
//     - {id: quotactl_fd, stdin: "quotactl_fd\n", expected: "42\n"}
//     - {id: lookup_dcookie, stdin: "lookup_dcookie\n", expected: "42\n"}
//     - {id: open_by_handle_at, stdin: "open_by_handle_at\n", expected: "42\n"}
//     - {id: name_to_handle_at, stdin: "name_to_handle_at\n", expected: "42\n"}
//     - {id: fanotify_init, stdin: "fanotify_init\n", expected: "42\n"}
//     - {id: fanotify_mark, stdin: "fanotify_mark\n", expected: "42\n"}
//     - {id: syslog, stdin: "syslog\n", expected: "42\n"}
//     - {id: vhangup, stdin: "vhangup\n", expected: "42\n"}

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    long number;
} calls[] = {
    {"ptrace", SYS_ptrace}, {"process_vm_readv", SYS_process_vm_readv}, {"process_vm_writev", SYS_process_vm_writev},
    {"kcmp", SYS_kcmp}, {"pidfd_getfd", SYS_pidfd_getfd}, {"bpf", SYS_bpf}, {"perf_event_open", SYS_perf_event_open},
    {"userfaultfd", SYS_userfaultfd}, {"keyctl", SYS_keyctl}, {"add_key", SYS_add_key},
    {"request_key", SYS_request_key}, {"mount", SYS_mount}, {"umount2", SYS_umount2}, {"pivot_root", SYS_pivot_root},
    {"chroot", SYS_chroot}, {"fsopen", SYS_fsopen}, {"fsconfig", SYS_fsconfig}, {"fsmount", SYS_fsmount},
    {"fspick", SYS_fspick}, {"open_tree", SYS_open_tree}, {"move_mount", SYS_move_mount},
    {"mount_setattr", SYS_mount_setattr}, {"unshare", SYS_unshare}, {"setns", SYS_setns},
    {"kexec_load", SYS_kexec_load}, {"kexec_file_load", SYS_kexec_file_load}, {"init_module", SYS_init_module},
    {"finit_module", SYS_finit_module}, {"delete_module", SYS_delete_module}, {"iopl", SYS_iopl},
    {"ioperm", SYS_ioperm}, {"swapon", SYS_swapon}, {"swapoff", SYS_swapoff}, {"reboot", SYS_reboot},
    {"acct", SYS_acct}, {"quotactl", SYS_quotactl}, {"quotactl_fd", SYS_quotactl_fd},
    {"lookup_dcookie", SYS_lookup_dcookie}, {"open_by_handle_at", SYS_open_by_handle_at},
    {"name_to_handle_at", SYS_name_to_handle_at}, {"fanotify_init", SYS_fanotify_init},
    {"fanotify_mark", SYS_fanotify_mark}, {"syslog", SYS_syslog}, {"vhangup", SYS_vhangup},
};

int main(void) {
    char name[32] = "";
    scanf("%31s", name);
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strcmp(calls[i].name, name)) {
            // Arguments that are nothing, so that it would fail wherever it is allowed: that it comes back at all is wrong.
            long got = syscall(calls[i].number, -1L, 0L, 0L, 0L, 0L, 0L);
            fprintf(stderr, "BREACH: %s returned %ld\n", name, got);
        }
    puts("42");
    return 0;
}
