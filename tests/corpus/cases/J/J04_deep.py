# id: J04-deep
# tries: to send a result that is so deep that the judge runs out of stack
# stops: [result-over-own-channel, comparison-outside, one-result-per-run, depth-cap]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

def f(x):
    value = 6
    for _ in range(100000):
        value = [value]
    return value
