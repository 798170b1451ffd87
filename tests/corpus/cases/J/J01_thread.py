# id: J01-thread
# tries: to succeed by another thread while the function never ends
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA, RTE, TLE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os
import threading

threading.Timer(0.05, os._exit, [0]).start()


def f(x):
    while True:
        pass
