# id: J06-tolerance
# tries: to return infinity and no number where a tolerance is allowed
# stops: [strict-tolerance]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [0], returns: 6.0}, {id: "2", args: [1], returns: 6.0}, {id: "3", args: [2], returns: -1.0e308}], stop: never, checker: {float_absolute: 0.000000001, float_relative: 0.000000001}}

def f(x):
    return [float("inf"), float("nan"), 1e308][x]
