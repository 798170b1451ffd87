# id: J01-fork
# tries: to return twice, wrong in one process and as a child in another
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os


def f(x):
    return [5, 6][os.fork() == 0]
