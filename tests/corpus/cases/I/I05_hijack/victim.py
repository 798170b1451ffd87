import json
import os
import subprocess
import sys

for name, module in sorted(sys.modules.items()):
    file = getattr(module, "__file__", None) or "/usr/lib"
    if name != "__main__" and not file.startswith("/usr/"):
        print("BREACH:", name, "is", file, file=sys.stderr)
if [path for path in sys.path if not path.startswith("/usr/")] != ["/work"] or set(os.listdir("/work")) - {"victim.py", "__pycache__"}:
    print("BREACH:", sys.path, os.listdir("/work"), file=sys.stderr)
subprocess.run(["sh", "-c", "id -u"], stdout=subprocess.DEVNULL, check=True)
print(json.dumps(42))
