# id: I06-exponent
# tries: to be right by an exponent that wraps round
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("42e18446744073709551616")
