# id: J01-exec
# tries: to become a program that always succeeds
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os


def f(x):
    os.execv("/bin/true", ["true"])
