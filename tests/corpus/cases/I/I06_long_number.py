# id: I06-long
# tries: to keep the comparison busy with a number of four million digits
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("4" + "2" * 4_000_000)
