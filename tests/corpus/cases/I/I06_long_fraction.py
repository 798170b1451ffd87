# id: I06-fraction
# tries: to keep the comparison busy with a fraction of four million digits, which is not near
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("43." + "0" * 4_000_000 + "1")
