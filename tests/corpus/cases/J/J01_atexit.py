# id: J01-atexit
# tries: to turn a failure into success when the interpreter ends
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [RTE, WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import atexit
import os

atexit.register(os._exit, 0)


def f(x):
    raise ValueError
