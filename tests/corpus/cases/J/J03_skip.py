# id: J03-skip
# tries: to skip a test by the exceptions that test tools have for it
# stops: [one-result-per-run, every-test-counts]
# limits: {memory_mib: 128}
# expect: [RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [1], returns: 1}, {id: "2", args: [2], returns: 2}, {id: "3", args: [3], returns: 3}]}

import unittest


class Skipped(Exception):
    pass


def f(x):
    if x == 2:
        raise unittest.SkipTest("not here")
    return x
