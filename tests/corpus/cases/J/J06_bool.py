# id: J06-bool
# tries: to return what is true
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

def f(x):
    return True
