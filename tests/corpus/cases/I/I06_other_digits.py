# id: I06-digits
# tries: to be right by digits of other scripts
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("\uff14\uff12")
