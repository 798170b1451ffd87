# id: J06-class
# tries: to return an object that says that it is a number
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

class Meta(type):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(int)

    def __instancecheck__(self, other):
        return True

    def __getattribute__(self, name):
        return "int" if name in ("__name__", "__qualname__") else type.__getattribute__(self, name)


class Six(metaclass=Meta):
    __class__ = int

    def __repr__(self):
        return "6"


def f(x):
    return Six()
