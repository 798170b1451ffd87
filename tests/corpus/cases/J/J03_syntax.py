# id: J03-syntax
# tries: to be a file that no tool can collect
# stops: [every-test-counts]
# limits: {memory_mib: 128}
# expect: [CE]
# message: {function: {name: f}, tests: [{id: "1", args: [1], returns: 1}, {id: "2", args: [2], returns: 2}, {id: "3", args: [3], returns: 3}]}

def f(x:
    return x
