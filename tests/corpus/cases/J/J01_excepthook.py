# id: J01-excepthook
# tries: to succeed by its own handler of exceptions
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [RTE, WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os
import sys

sys.excepthook = lambda *a: os._exit(0)


def f(x):
    raise ValueError
