# id: J04-odd
# tries: to send itself what only a careless reader takes for the right value
# stops: [result-over-own-channel, comparison-outside, one-result-per-run, strict-values]
# limits: {memory_mib: 128}
# expect: [WA, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os
import sys


def f(x):
    nonce, frame = None, sys._getframe(1)
    while frame:
        nonce = nonce or frame.f_locals.get("nonce")
        frame = frame.f_back
    text = '{"nonce":"%s","nonce":"%s","value":5,"value":6}\n' % (nonce, nonce)
    for fd in range(3, 64):
        try:
            os.write(fd, text.encode())
        except OSError:
            pass
    os._exit(0)
