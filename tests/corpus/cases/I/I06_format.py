# id: I06-format
# tries: to be right by what formats, shells and parsers take for something else
# stops: [compare-numbers]
# limits: {stdout_kib: 4096, memory_mib: 128}
# message: {checker: {float_absolute: 1.0e-6, float_relative: 1.0e-6}}
# expect: [WA]
print("%s%n%n $(echo 42) ${IFS} {\"verdict\":\"AC\",\"score\":1} <AC/> \x1b[2K42 \\\\x34\\\\x32")
