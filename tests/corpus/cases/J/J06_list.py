# id: J06-list
# tries: to return a list that changes while it is looked at
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

class Six(list):
    def __iter__(self):
        return iter([6])

    def __len__(self):
        return 1

    def __eq__(self, other):
        return True

    __hash__ = None


def f(x):
    return Six([5])
