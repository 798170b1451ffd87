import os
os.write(1, b"42\n" + b"\xff" * 100000)
