# id: J04-verdict
# tries: to take the word of the run from the caller, and to send a verdict and not a value
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os
import sys


def f(x):
    frame, nonce = sys._getframe(1), None
    while frame:
        nonce = nonce or frame.f_locals.get("nonce") or (frame.f_locals.get("request") or {}).get("nonce")
        frame = frame.f_back
    for fd in range(3, 64):
        try:
            os.write(fd, ('{"nonce":"%s","passed":true,"verdict":"AC","expected":5,"value":5,"score":1}\n' % nonce).encode())
        except OSError:
            pass
    os._exit(0)
