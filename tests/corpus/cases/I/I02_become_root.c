// id: I02
// tries: to become root, the init's user, or a member of a group, and to take or keep a capability
// stops: [capabilities, bounding-set, no-new-privileges, filter, program-user, user-namespace]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void refused(const char *what, long result) {
    if (result >= 0) fprintf(stderr, "BREACH: %s\n", what);
}

int main(void) {
    int ids[] = {0, 999, 1, 65534, 1001};
    for (int i = 0; i < 5; i++) {
        int id = ids[i];
        gid_t groups[] = {id, 0};
        refused("setuid", setuid(id));
        refused("setgid", setgid(id));
        refused("setreuid", setreuid(id, id));
        refused("setregid", setregid(id, id));
        refused("setresuid", setresuid(id, id, id));
        refused("setresgid", setresgid(id, id, id));
        refused("seteuid", seteuid(id));
        refused("setegid", setegid(id));
        refused("setgroups", setgroups(2, groups));
        setfsuid(id);
        setfsgid(id);
    }
    if (setfsuid(-1) > 0 && setfsuid(-1) != 1000) fprintf(stderr, "BREACH: file user %d\n", setfsuid(-1));
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    for (int which = 0; which < 3; which++) {
        struct __user_cap_data_struct data[2] = {{0}};
        for (int i = 0; i < 2; i++) {
            if (which == 0) data[i].effective = data[i].permitted = ~0u;
            if (which == 1) data[i].permitted = ~0u;
            if (which == 2) data[i].inheritable = ~0u;
        }
        refused("capset", syscall(SYS_capset, &head, data));
    }
    // Even dropping what there is none of is refused, so that nobody needs the call.
    refused("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0));
    refused("keeping capabilities", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    refused("secure bits", prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
    for (int cap = 0; cap < 64; cap++)
        if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0) fprintf(stderr, "BREACH: capability %d in the bounding set\n", cap);
    struct __user_cap_data_struct now[2];
    syscall(SYS_capget, &head, now);
    for (int i = 0; i < 2; i++)
        if (now[i].effective | now[i].permitted | now[i].inheritable) fprintf(stderr, "BREACH: capabilities %x %x %x\n", now[i].effective, now[i].permitted, now[i].inheritable);
    // The init is another user: it takes no signal and no order from here.
    refused("signal to the init", kill(1, 0));
    refused("kill of the init", kill(1, SIGKILL));
    refused("stop of the init", kill(1, SIGSTOP));
    struct rlimit limit;
    refused("limits of the init", prlimit(1, RLIMIT_NOFILE, NULL, &limit));
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(0, &cpus);
    refused("CPUs of the init", sched_setaffinity(1, sizeof cpus, &cpus));
    struct sched_param param = {0};
    refused("policy of the init", sched_setscheduler(1, SCHED_OTHER, &param));
    if (getuid() != 1000 || geteuid() != 1000 || getgid() != 1000 || getegid() != 1000) fprintf(stderr, "BREACH: %d:%d\n", geteuid(), getegid());
    puts("42");
}
