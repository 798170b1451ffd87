# id: J06-int
# tries: to return a number of a class of its own, which shows itself as another
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

class Six(int):
    def __eq__(self, other):
        return True

    def __repr__(self):
        return "6"

    def __int__(self):
        return 6

    def __index__(self):
        return 6

    def __format__(self, spec):
        return "6"

    __str__ = __repr__
    __hash__ = int.__hash__


def f(x):
    return Six(5)
