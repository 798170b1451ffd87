# id: J02-unittest
# tries: to patch what test tools compare and count with
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import sys
import unittest

import unittest.mock

unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = lambda *a, **k: None
unittest.TestCase.run = lambda self, result=None: result
unittest.TestResult.wasSuccessful = lambda self: True
for name in ["pytest", "_pytest", "_pytest.reports", "_pytest.runner"]:
    sys.modules[name] = unittest.mock.MagicMock()


def f(x):
    return 5
