# id: J02-numbers
# tries: to change the value of a small number in the memory of the interpreter
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import ctypes


def f(x):
    five, six = id(5), id(6)
    width = ctypes.sizeof(ctypes.c_size_t)
    # The digits of an int begin after the count of references, the type and the size.
    ctypes.memmove(six + 3 * width, five + 3 * width, 4)
    return 5
