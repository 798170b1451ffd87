# id: J04-twice
# tries: to take the word of the run from the caller, and to send every answer with it
# stops: [result-over-own-channel, comparison-outside, one-result-per-run, one-result]
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
        for value in range(10):
            try:
                os.write(fd, ('{"nonce":"%s","value":%d}\n' % (nonce, value)).encode())
            except OSError:
                pass
    return 6
