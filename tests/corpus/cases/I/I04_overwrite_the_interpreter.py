# id: I04-self
# tries: to write into the program by which it is run, so that the next one runs what it wrote
# stops: [read-only-trees, user-namespace]
# expect: [AC]
import os
import shutil
import sys

executable = os.readlink("/proc/self/exe")
before = os.stat(executable)
path_only = os.open("/proc/self/exe", os.O_PATH)
for path in ["/proc/self/exe", executable, sys.executable, f"/proc/self/fd/{path_only}", "/proc/1/exe", "/proc/@WORKER_PID@/exe", "/usr/bin/env", "/bin/sh", os.__file__,
             "/lib64/ld-linux-x86-64.so.2", "/proc/self/map_files"]:
    for flags in [os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND]:
        try:
            # Nothing is written and nothing is cut.
            os.close(os.open(path, flags))
            print("BREACH:", path, "opens for writing", file=sys.stderr)
        except OSError:
            pass
    for change in [lambda: os.chmod(path, 0o777), lambda: os.utime(path), lambda: os.rename(path, path + ".old"), lambda: os.symlink("x", path + ".new"),
                   lambda: os.link(path, "/work/linked"), lambda: os.truncate(path, os.stat(path).st_size)]:
        try:
            change()
            print("BREACH: changed", path, file=sys.stderr)
        except OSError:
            pass
after = os.stat(executable)
if (before.st_mtime_ns, before.st_ctime_ns, before.st_size, before.st_mode) != (after.st_mtime_ns, after.st_ctime_ns, after.st_size, after.st_mode):
    print("BREACH:", executable, "changed", file=sys.stderr)
# A module of the library, and what is compiled of it.
for place in [os.path.dirname(os.__file__), os.path.dirname(os.__file__) + "/__pycache__", "/usr/lib/python3/dist-packages", "/usr/local/lib"]:
    try:
        with open(place + "/assay_corpus.pth", "w"):
            pass
        os.unlink(place + "/assay_corpus.pth")
        print("BREACH: wrote in", place, file=sys.stderr)
    except OSError:
        pass
if shutil.disk_usage("/").free:
    print("room in /", shutil.disk_usage("/").free, file=sys.stderr)
print(42)
