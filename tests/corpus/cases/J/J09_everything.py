# id: J09-python
# tries: to tell the next test what it has seen, by everything that could outlive a run
# stops: [fresh-work, fresh-tmp, pidns, ipcns, netns, utsns, no-locks]
# limits: {memory_mib: 128}
# expect: [AC]
# message: {stop: never, tests: [{id: "1", stdin: "1\n", expected: "42\n"}, {id: "2", stdin: "2\n", expected: "42\n"}, {id: "3", stdin: "3\n", expected: "42\n"}, {id: "4", stdin: "4\n", expected: "42\n"}]}
import ctypes
import os
import signal
import socket
import sys
import time

found = []
places = ["/work/left", "/tmp/left", "/var/tmp/left", "/dev/shm/left", "/run/lock/left", "/tmp/.left", "/work/__pycache__/left",
          "/usr/tmp/left", "/dev/left", "/left", "/proc/left", "/dev/mqueue/left", "/work/.assay/left"]
for place in places:
    if os.path.lexists(place):
        found.append(place)
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w") as out:
            out.write("left")
    except OSError:
        pass
with open("/work/main.py") as own:
    if own.read().endswith("# changed\n"):
        found.append("the source")
with open("/work/main.py", "a") as own:
    own.write("# changed\n")
libc = ctypes.CDLL(None, use_errno=True)
segment = libc.shmget(0x1E57, 4096, 0o1600 | 0o2000)
if segment < 0 and ctypes.get_errno() == 17:
    found.append("shared memory")
if libc.msgget(0x1E57, 0o2600 | 0o1000) < 0 and ctypes.get_errno() == 17:
    found.append("a queue")
if libc.semget(0x1E57, 1, 0o2600 | 0o1000) < 0 and ctypes.get_errno() == 17:
    found.append("semaphores")
for family, address in [("AF_UNIX", "\0assay-left"), ("AF_UNIX", "/tmp/left.socket"), ("AF_INET", ("127.0.0.1", 51977))]:
    try:
        with socket.socket(getattr(socket, family), socket.SOCK_STREAM) as s:
            s.connect(address)
            found.append("socket " + repr(address))
    except OSError:
        pass
if os.uname()[1].startswith("left"):
    found.append("the host's name")
try:
    socket.sethostname("left")
except OSError:
    pass
found += ["process " + p for p in os.listdir("/proc") if p.isdigit() and int(p) > 2]
if os.getpriority(os.PRIO_PROCESS, 0) != 0 or os.umask(0o077) != 0o022:
    found.append("a setting of the process")
if os.fork() == 0:
    # One that stays, listens, and holds a lock on a file of the image.
    os.setsid()
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    held = []
    for address in ["\0assay-left", "/tmp/left.socket"]:
        try:
            held.append(socket.socket(socket.AF_UNIX))
            held[-1].bind(address)
            held[-1].listen()
        except OSError:
            pass
    time.sleep(100)
    os._exit(0)
if found:
    print("BRE" + "ACH:", *found)
print(42)
