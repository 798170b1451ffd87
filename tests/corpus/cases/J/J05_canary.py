# id: J05-program-python
# tries: to find what should be printed in the memory, the objects, the files and the descriptors of a whole program
# stops: [expected-outside-the-sandbox]
# limits: {memory_mib: 256, cpu_ms: 4000, wall_ms: 9000}
# secret: true
# expect: [WA]
import gc
import os
import re
import sys

PATTERN = re.compile("CANARY" + "_[0-9a-f]{16}")


def texts():
    yield repr(sys.argv) + repr(os.environ)
    for o in gc.get_objects():
        yield repr(o)[:100000]
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            if " rw" in line:
                start, end = [int(part, 16) for part in line.split()[0].split("-")]
                try:
                    memory.seek(start)
                    yield memory.read(end - start).decode("latin-1")
                except (OSError, ValueError, OverflowError):
                    pass
    for top in ["/work", "/tmp", "/dev/shm", "/etc", "/run", "/var", "/home", "/root", "/proc"]:
        for directory, _, names in os.walk(top):
            for name in names:
                path = os.path.join(directory, name)
                try:
                    if os.path.isfile(path):
                        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                        yield os.read(fd, 1 << 20).decode("latin-1")
                        os.close(fd)
                except OSError:
                    pass
    for fd in range(64):
        try:
            yield os.pread(fd, 1 << 20, 0).decode("latin-1")
        except OSError:
            pass


print(next((found[0] for found in map(PATTERN.search, texts()) if found), "nothing"))
