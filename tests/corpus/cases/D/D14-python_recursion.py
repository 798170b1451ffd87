# id: D14-python
# tries: to recurse without end where the interpreter has no limit any more
# stops: [memory-limit]
# limits: {cpu_ms: 10000, wall_ms: 40000, memory_mib: 32}
# expect: [MLE, RTE]
import sys

sys.setrecursionlimit(10**9)


def deeper(n):
    # Each level keeps a little, and four times the limit is enough.
    kept = bytes(8192) + bytes([n % 256])
    return n + len(kept) if n == 16384 else deeper(n + 1)


deeper(0)
print("BREACH: 128 MiB of frames", file=sys.stderr)
print(42)
