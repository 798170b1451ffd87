# id: J02-pypy
# tries: to patch the interpreter itself in another interpreter
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# language: pypy3
# limits: {memory_mib: 256}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import builtins
import json
import sys

for name in ["type", "isinstance", "str", "repr", "int"]:
    setattr(builtins, name, lambda *a, **k: True)
sys._getframe(1).f_globals["_encode"] = lambda value: '{"$any":true}'


def f(x):
    return 5
