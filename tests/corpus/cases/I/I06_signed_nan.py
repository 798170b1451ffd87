# id: I06-signed-nan
# tries: to be right by other spellings of what is no number
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("-NaN(0x42)")
