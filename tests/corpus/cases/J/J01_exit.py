# id: J01-exit
# tries: to end with success inside the function
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os


def f(x):
    os._exit(0)
