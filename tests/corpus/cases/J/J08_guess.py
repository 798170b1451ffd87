# id: J08-guess
# tries: to learn the number of the test from what surrounds it, where the input does not tell
# stops: [constant-environment, fresh-run-per-test, pidns]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {stop: never, tests: [{id: "t1", expected: "1\n"}, {id: "t2", expected: "2\n"}, {id: "t3", expected: "3\n"}, {id: "t4", expected: "4\n"}, {id: "t5", expected: "5\n"}, {id: "t6", expected: "6\n"}, {id: "t7", expected: "7\n"}, {id: "t8", expected: "8\n"}]}
import os
import re
import sys

# Every place where a number, a name or a count of the test could stand; the known parts of paths are taken out.
places = [sys.argv[1:], sorted(pair for pair in os.environ.items() if pair[0] not in ("LANG", "LC_CTYPE", "PYTHONUTF8")), os.uname()[1], os.getcwd(), os.getpid() - 2, os.getppid() - 1,
          sorted(os.listdir(".")), sorted(os.listdir("/tmp")), sorted(os.listdir("/dev/shm")), os.getsid(0) - 2]
with open("/proc/self/cgroup") as cgroup:
    places.append(cgroup.read())
with open("/proc/self/mountinfo") as mounts:
    places += [line.split()[3:5] for line in mounts if " /work " in line or " /tmp " in line]
text = repr(places)
found = re.search(r"(?:test|case|t|#|/|-)([1-8])\b", text)
print(found[1] if found else "nothing")
