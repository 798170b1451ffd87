# id: B10-reserve
# tries: to reserve room without writing to it, over and over
# stops: [tmp-size, work-size, rlimit-fsize]
# limits: {memory_mib: 256, file_mib: 16}
# expect: [AC]
import os
import signal
import sys

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for place in ["/work", "/tmp", "/dev/shm"]:
    reserved = 0
    files = []
    for number in range(64):
        file = os.open(f"{place}/{number}", os.O_RDWR | os.O_CREAT)
        files.append(file)
        for size in [1 << 40, 64 << 20, 8 << 20, 1 << 20]:
            try:
                os.posix_fallocate(file, 0, size)
                reserved += size
                break
            except OSError:
                pass
        else:
            break
    if reserved > 17 << 20:
        print("BREACH:", place, reserved, file=sys.stderr)
    for number, file in enumerate(files):
        os.close(file)
        os.unlink(f"{place}/{number}")
print(42)
