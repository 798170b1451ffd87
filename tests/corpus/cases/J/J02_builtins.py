# id: J02-builtins
# tries: to patch the interpreter itself, so that whatever is asked is true
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import builtins
import json
import os

for name in ["type", "isinstance", "len", "all", "any", "str", "repr", "int", "print", "compile", "open", "exec", "getattr", "hash"]:
    setattr(builtins, name, lambda *a, **k: True)
json.dumps = json.loads = lambda *a, **k: 6
os.write = os.dup = os.dup2 = lambda *a, **k: 1
os._exit = lambda *a: None


def f(x):
    return 5
