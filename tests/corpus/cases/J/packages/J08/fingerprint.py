# Prints everything around it that could tell one test from another; what may differ is left out: times, the numbers of
# mounts and file systems, and what the kernel counts.
import os
import re
import resource
import stat
import sys


def show(name, value):
    # The host's ids tell the slot, which is documented, and no test.
    print(name, re.sub(r"\b2[0-9]{9}\b", "ID", repr(value)))


show("ids", (os.getpid(), os.getppid(), os.getsid(0), os.getpgrp(), os.getuid(), os.getgid(), os.getgroups()))
show("arguments", (sys.argv, sorted(os.environ.items()), os.getcwd(), os.uname()))
show("limits", [resource.getrlimit(i) for i in range(16)])
show("descriptors", [(fd, stat.S_IFMT(os.fstat(fd).st_mode), os.fstat(fd).st_size) for fd in range(64) if os.path.exists("/proc/self/fd/%d" % fd)])
for top in ["/work", "/tmp", "/dev", "/run"]:
    for directory, _, names in os.walk(top):
        for name in sorted(names):
            info = os.lstat(os.path.join(directory, name))
            own = directory.startswith(("/work", "/tmp", "/dev/shm"))
            show(os.path.join(directory, name), (info.st_mode, info.st_nlink, info.st_uid, info.st_size, info.st_ino if own else 0))
with open("/work/main.py", "rb") as own:
    show("source", hash(own.read()))
for name in ["cmdline", "environ", "cgroup", "limits", "mountinfo", "oom_score_adj", "uid_map", "gid_map", "loginuid", "sessionid"]:
    try:
        with open("/proc/self/" + name) as file:
            text = file.read()
    except OSError as error:
        text = error.errno
    if name == "mountinfo":
        # The numbers of mounts and of file systems that are made for each run; what is mounted, where and how, stays.
        text = sorted(re.sub(r"^\d+ \d+ \d+:\d+ ", "", line) for line in text.splitlines() if " /etc" not in line)
    show(name, text)
with open("/proc/self/status") as file:
    kept = ("Name", "Umask", "State", "Tgid", "Pid", "PPid", "Uid", "Gid", "Groups", "NStgid", "NSpid", "Sig", "Shd", "Cap", "NoNew", "Seccomp", "Cpus_allowed_list")
    show("status", [line.strip() for line in file if line.startswith(kept)])
show("processes", sorted(name for name in os.listdir("/proc") if name.isdigit()))
show("modules", len(sys.modules))
