# id: J01-base-exception
# tries: to raise what nobody catches
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [RTE, WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

class Success(BaseException):
    code = 0

    def __str__(self):
        raise self


def f(x):
    raise Success
