// id: B18-files
// tries: to read what the kernel tells of the machine and of other processes
// stops: [proc-subset, proc-hidepid, pid-namespace]
// expect: [AC]
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    const char *names[] = {"kallsyms", "kcore", "keys", "key-users", "timer_list", "sched_debug", "interrupts", "cmdline", "version", "kmsg", "meminfo",
                           "cpuinfo", "stat", "uptime", "loadavg", "locks", "modules", "mounts", "net", "sys", "sysvipc", "bus", "config.gz", "devices",
                           "diskstats", "fs", "iomem", "ioports", "partitions", "slabinfo", "softirqs", "swaps", "sysrq-trigger", "tty", "vmallocinfo", "vmstat",
                           "zoneinfo", "buddyinfo", "pagetypeinfo", "cgroups", "consoles", "crypto", "filesystems", "misc", "acpi", "scsi", "driver", "irq",
                           "kpagecount", "kpageflags", "pressure", "schedstat", "dma", "asound", "latency_stats", "fb", "mtrr", "bootconfig", "allocinfo"};
    char path[128];
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "/proc/%s", names[i]);
        // "mounts" and "net" are links into the process's own directory.
        if ((!strcmp(names[i], "mounts") || !strcmp(names[i], "net")) && access("/proc/version", F_OK)) continue;
        if (access(path, F_OK) == 0) fprintf(stderr, "BREACH: %s\n", path);
    }
    int others[] = {1, getppid() ? getppid() : 1, atoi("@WORKER_PID@")};
    const char *parts[] = {"environ", "maps", "cwd", "root", "exe", "status", "stat", "cmdline", "fd", "mem", "comm", "mountinfo", "stack", "syscall", "ns/pid"};
    for (int i = 0; i < 3; i++)
        for (unsigned j = 0; j < sizeof parts / sizeof *parts; j++) {
            snprintf(path, sizeof path, "/proc/%d/%s", others[i], parts[j]);
            if (faccessat(AT_FDCWD, path, F_OK, 0x100 /* the link itself */) == 0) fprintf(stderr, "BREACH: %s\n", path);
        }
    DIR *dir = opendir("/proc");
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "self") || !strcmp(name, "thread-self")) continue;
        if (atoi(name) != getpid()) fprintf(stderr, "BREACH: /proc has %s\n", name);
    }
    // By number only what it may see in the list.
    for (int pid = 1; pid < 5000; pid++) {
        snprintf(path, sizeof path, "/proc/%d", pid);
        if (pid != getpid() && access(path, F_OK) == 0) fprintf(stderr, "BREACH: %s\n", path);
    }
    puts("42");
}
