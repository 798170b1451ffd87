# id: J06-mock
# tries: to return what test tools have for anything
# stops: [plain-values-only, exact-types, comparison-outside]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

from unittest.mock import ANY


def f(x):
    return ANY
