# id: J04-quotes
# tries: to break out of the quotes of its result, with text that ends the line or the number
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

class Text(str):
    def __str__(self):
        return '","value":6,"x":"'


def f(x):
    return ['"}\n{"value":6}', "\u2028\u2029\x00\x1f\\", "6\n", "\ud800", Text("6"), {'"':  '"'}][:2]
