# id: I06-hexadecimal
# tries: to be right by a number of another base
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("0x2a")
