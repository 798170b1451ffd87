# id: D22
# tries: to catch what the interpreter says about memory, and to go on
# stops: [memory-limit]
# limits: {cpu_ms: 10000, wall_ms: 40000, memory_mib: 32}
# expect: [MLE]
import sys

kept = []
try:
    while len(kept) < 128:
        kept.append(b"x" * (1 << 20))
except MemoryError:
    print(42)
    sys.exit()
print("BREACH: 128 MiB in a list", file=sys.stderr)
print(42)
