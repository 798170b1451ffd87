# id: J06-nan
# tries: to return the number that is not itself
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

def f(x):
    return float("nan")
