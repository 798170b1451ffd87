# id: J02-trace
# tries: to change the caller's variables by a trace of what it executes
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import ctypes
import sys


def tracer(frame, event, arg):
    for name in ("value", "said", "code"):
        if name in frame.f_locals:
            frame.f_locals[name] = True
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
    return tracer


def f(x):
    sys.settrace(tracer)
    frame = sys._getframe(1)
    while frame:
        frame.f_trace = tracer
        frame = frame.f_back
    return 5
