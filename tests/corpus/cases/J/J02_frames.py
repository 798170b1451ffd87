# id: J02-frames
# tries: to patch the caller by its frames, its names and its constants
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import ctypes
import gc
import sys
import types


def f(x):
    frame = sys._getframe(1)
    while frame:
        for name, value in list(frame.f_globals.items()):
            if isinstance(value, types.FunctionType) and value is not f:
                value.__code__ = (lambda *a, **k: "null").__code__ if not value.__code__.co_freevars else value.__code__
        frame = frame.f_back
    for code in [o for o in gc.get_objects() if isinstance(o, types.FunctionType)]:
        code.__defaults__ = None
    return 5
