# id: J04-descriptors
# tries: to write a result without the word of the run on every descriptor, and to end with success
# stops: [result-over-own-channel, comparison-outside, one-result-per-run, nonce]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os


def f(x):
    for fd in range(1024):
        for text in (b'{"value":6}\n', b'{"nonce":"","value":6}\n', b"6\n"):
            try:
                os.write(fd, text)
            except OSError:
                pass
    os._exit(0)
