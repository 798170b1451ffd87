# id: J01-exit-import
# tries: to end with success while it is loaded
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import os

os._exit(0)
