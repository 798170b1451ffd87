# id: I06-tokens
# tries: to keep the comparison busy with two million tokens
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("42\n" + "42 " * 1_300_000)
