# id: I06-underflow
# tries: to be right by an exponent that makes the comparison compute for ever
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("42e-99999999999999999999")
