# id: J04-large
# tries: to send a result so large that the end, or the judge's memory, is lost
# stops: [result-over-own-channel, comparison-outside, one-result-per-run, result-cap]
# limits: {memory_mib: 128}
# expect: [WA, OLE, MLE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

def f(x):
    return ["6" * (1 << 20)] * 40
