# id: I06-overflow
# tries: to be right by a number that becomes infinite when it is read
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("1e999999999999999999999")
