# id: J01-kill
# tries: to kill itself
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os
import signal


def f(x):
    os.kill(os.getpid(), signal.SIGKILL)
