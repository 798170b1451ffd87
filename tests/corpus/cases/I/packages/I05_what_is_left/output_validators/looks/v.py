import os
import sys

answer, feedback = open(sys.argv[2]).read().split(), sys.argv[3]
found = [path for path in ("/tmp", "/dev/shm", feedback) for path in [f"{path}/{name}" for name in os.listdir(path)]]
found += [name for name in os.listdir("/work") if name not in ("v.py", "judge", "__pycache__")]
found += [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
found += [name for name, module in sys.modules.items() if "/work" in (getattr(module, "__file__", None) or "") and name != "__main__"]
if found:
    with open(feedback + "/judgemessage.txt", "w") as file:
        file.write(f"BREACH: {found}\n")
sys.exit(42 if sys.stdin.read().split() == answer else 43)
