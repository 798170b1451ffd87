# id: I02-python
# tries: to become another user through the interpreter's own calls, and in a child that prepares itself
# stops: [capabilities, filter, user-namespace]
# expect: [AC]
import os
import subprocess
import sys

for call, arguments in [("setuid", (0,)), ("seteuid", (0,)), ("setreuid", (0, 0)), ("setresuid", (0, 0, 0)), ("setgid", (0,)), ("setresgid", (0, 0, 0)),
                        ("setgroups", ([0, 4, 27],)), ("initgroups", ("root", 0)), ("setuid", (999,)), ("setresuid", (999, 999, 999))]:
    try:
        getattr(os, call)(*arguments)
        print("BREACH:", call, arguments, os.getresuid(), os.getgroups(), file=sys.stderr)
    except OSError:
        pass
for keywords in [{"user": 0}, {"group": 0}, {"extra_groups": [0]}, {"user": 999}]:
    try:
        said = subprocess.run(["/usr/bin/id"], capture_output=True, **keywords).stdout
        print("BREACH:", keywords, said, file=sys.stderr)
    except (OSError, subprocess.SubprocessError):
        pass
if os.getresuid() != (1000, 1000, 1000) or os.getgroups():
    print("BREACH:", os.getresuid(), os.getgroups(), file=sys.stderr)
print(42)
