# id: J01-recursion
# tries: to end the interpreter below the level of exceptions
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import ctypes


def f(x):
    try:
        ctypes.CDLL(None)._exit(0)
    finally:
        ctypes.string_at(0)
