// id: B21
// tries: to reach the kernel's other file systems, mounted or through some mount of its own
// stops: [mount-namespace, cgroup-namespace, filter]
// expect: [AC]
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"/sys", "/sys/fs/cgroup", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory", "/sys/kernel/security", "/sys/kernel/debug",
                           "/sys/kernel/tracing", "/sys/firmware", "/sys/fs/bpf", "/sys/class/net", "/sys/devices", "/sys/module", "/sys/power/state",
                           "/proc/sys", "/proc/self/root/sys", "/../sys", "/run", "/run/systemd", "/run/docker.sock", "/var/run", "/boot", "/dev/mqueue",
                           "/dev/hugepages", "/dev/pts", "/dev/cgroup", "/cgroup", "/config", "/selinux", "/mnt", "/media", "/home", "/opt/containerd"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat meta;
        if (lstat(names[i], &meta) == 0) fprintf(stderr, "BREACH: %s is there\n", names[i]);
    }
    // Whatever is mounted is of a kind that a program needs.
    FILE *file = fopen("/proc/self/mountinfo", "r");
    char line[1024];
    while (file && fgets(line, sizeof line, file)) {
        char *dash = strstr(line, " - ");
        char kind[64] = "", point[256] = "";
        sscanf(line, "%*s %*s %*s %*s %255s", point);
        if (dash) sscanf(dash, " - %63s", kind);
        const char *bad[] = {"cgroup", "cgroup2", "sysfs", "debugfs", "tracefs", "securityfs", "bpf", "configfs", "devpts", "mqueue", "hugetlbfs", "fusectl",
                             "pstore", "efivarfs", "binfmt_misc", "nsfs", "rpc_pipefs", "autofs", "selinuxfs"};
        for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
            if (!strcmp(kind, bad[i])) fprintf(stderr, "BREACH: %s at %s\n", kind, point);
        // Of the devices' file system single files only.
        if (!strcmp(kind, "devtmpfs") && !strncmp(strchr(line, '/'), "/ ", 2)) fprintf(stderr, "BREACH: all devices at %s\n", point);
    }
    puts("42");
}
