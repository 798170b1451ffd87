# id: F02-python
# tries: to be remembered by an exception with a text of many MiB
# stops: [stderr-cap, stderr-drain]
# limits: {cpu_ms: 3000, memory_mib: 128, pids: 4}
# expect: [RTE]
# reason: "exit code 1"
print(42, flush=True)
raise RuntimeError("\x00\x1b]52;c;\u202e\ud800" .encode("utf-16", "surrogatepass") * (1 << 13))
