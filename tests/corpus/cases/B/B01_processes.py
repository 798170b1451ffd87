# id: B01-processes
# tries: to find the expected output in environments, command lines, descriptors and directories of processes
# stops: [proc-hidepid, pid-namespace, close-descriptors, sealed-environment]
# expect: [WA]
# secret: true
# message: {checker: {kind: exact}}
import glob
import os
import re
import sys

CANARY = re.compile(b"CANARY_[0-9a-f]{16}")


def look(path):
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = CANARY.search(file.read(1 << 20))
    except OSError:
        return
    if found:
        print("BREACH:", path, file=sys.stderr)
        print(found[0].decode())
        sys.exit()


for process in ["/proc/1", "/proc/2", "/proc/@WORKER_PID@", "/proc/self", *glob.glob("/proc/[0-9]*")]:
    for name in ["environ", "cmdline", "auxv", "maps", "status", "mountinfo", "cgroup"]:
        look(f"{process}/{name}")
    for name in ["root", "cwd", "fd", "task/1/fd"]:
        try:
            entries = os.listdir(f"{process}/{name}")
        except OSError:
            continue
        for entry in entries:
            # Its own standard input is no secret, and would be used up.
            if not (name == "fd" and entry in "012"):
                look(f"{process}/{name}/{entry}")
for value in os.environb.values():
    if CANARY.search(value):
        print("BREACH: environment", value, file=sys.stderr)
print("nothing")
