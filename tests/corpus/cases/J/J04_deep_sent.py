# id: J04-deep-sent
# tries: to send such a result itself, past the caller that would notice
# stops: [result-over-own-channel, comparison-outside, one-result-per-run, depth-cap]
# limits: {memory_mib: 128}
# expect: [WA, OLE, RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os
import sys


def f(x):
    nonce, frame = None, sys._getframe(1)
    while frame:
        nonce = nonce or frame.f_locals.get("nonce")
        frame = frame.f_back
    text = ('{"nonce":"%s","value":' % nonce).encode() + b"[" * 20000 + b"]" * 20000 + b"}\n"
    for fd in range(3, 64):
        try:
            os.write(fd, text)
        except OSError:
            pass
    os._exit(0)
