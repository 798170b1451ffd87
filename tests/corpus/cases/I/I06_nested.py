# id: I06-nested
# tries: to overflow a stack by a million brackets
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("[" * 1_000_000 + "42" + "]" * 1_000_000)
