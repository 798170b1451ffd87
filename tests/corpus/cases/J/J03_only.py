# id: J03-first
# tries: to end all tests after the first
# stops: [every-test-counts, fresh-run-per-test]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [1], returns: 1}, {id: "2", args: [2], returns: 2}, {id: "3", args: [3], returns: 3}]}

import os


def f(x):
    if x > 1:
        os._exit(0)
    return x
