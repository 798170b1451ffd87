# Leaves files, links and modules wherever the validator may look, and prints what is wrong.
import os

NAMES = ["planted", "planted.py", "sitecustomize.py", "os.py", "encodings.py", "check.py", "input", "answer", "1.in", "1.ans", "output",
         "judgemessage.txt", "score.txt", "teammessage.txt", "nextpass.in"]
for place in [".", "feedback", "check", "output_validators/check", "data/secret", "/tmp", "/dev/shm", "/work/.assay", "../feedback", "/var/tmp"]:
    try:
        os.makedirs(place, exist_ok=True)
    except OSError:
        continue
    for name in NAMES:
        try:
            with open(os.path.join(place, name), "w") as out:
                out.write("import sys\nsys.exit(42)\n" if name.endswith(".py") else "66\n")
        except OSError:
            pass
        try:
            os.symlink("/proc/self/fd/0", os.path.join(place, name + ".link"))
        except OSError:
            pass
print(41)
