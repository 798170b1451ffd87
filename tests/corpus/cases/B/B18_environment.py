# id: B18-environment
# tries: to find the worker's environment, arguments or files in what it was given itself
# stops: [cleared-environment, close-descriptors, sealed-input]
# stdout: "HOME LANG PATH PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONNOUSERSITE PYTHONUTF8 TMPDIR\n/usr/bin/python3 /work/main.py\n"
# expect: [AC]
import os
import sys

with open("/proc/self/environ", "rb") as file:
    variables = [entry.partition(b"=")[0].decode() for entry in file.read().split(b"\0") if entry]
with open("/proc/self/cmdline", "rb") as file:
    arguments = [entry.decode() for entry in file.read().split(b"\0") if entry]
for variable in variables:
    if "ASSAY" in variable or "SECRET" in variable or "TOKEN" in variable:
        print("BREACH:", variable, os.environ[variable], file=sys.stderr)
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue
    if int(name) > 2 and not target.startswith("/proc/"):
        print("BREACH: descriptor", name, target, file=sys.stderr)
print(*sorted(variables))
print(*arguments)
