# id: J06-complex
# tries: to return the number with a part that is not a number
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

def f(x):
    return complex(6, float("nan"))
