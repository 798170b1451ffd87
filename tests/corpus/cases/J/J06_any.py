# id: J06-any
# tries: to return an object that is equal to everything
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

class Any:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 6


def f(x):
    return Any()
