# id: D22-python
# tries: to ask for more than there is, which the interpreter refuses by itself
# stops: [kernel]
# limits: {cpu_ms: 10000, wall_ms: 40000, memory_mib: 64}
# expect: [RTE]
# reason: exit code 1
kept = bytearray(1 << 50)
print(42)
