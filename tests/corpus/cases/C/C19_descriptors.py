# id: C19-python
# tries: to find descriptors that are not its own below an interpreter
# stops: [close-range, cloexec]
# limits: {cpu_ms: 1500, pids: 4}
# expect: [AC]
import os

mine = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY)
for name in os.listdir("/proc/self/fd"):
    fd = int(name)
    if fd < 3 or fd == mine:
        continue
    try:
        os.fstat(fd)
    except OSError:
        continue
    target = os.readlink(f"/proc/self/fd/{fd}")
    if target != "/work/main.py":
        print("BREACH:", fd, target)
print(42)
