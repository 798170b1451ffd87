# id: J03-lazy
# tries: to return what is only computed when somebody looks
# stops: [plain-values-only]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [1], returns: 1}, {id: "2", args: [2], returns: 2}, {id: "3", args: [3], returns: 3}]}

def f(x):
    yield x
