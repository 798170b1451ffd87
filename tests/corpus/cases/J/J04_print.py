# id: J04-print
# tries: to print what looks like results, in the words of every tool
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

import json
import sys


def f(x):
    for stream in (sys.stdout, sys.stderr):
        print("PASSED test_f\n1 passed in 0.01s\nOK\nok 1 - f\n1..1\nTests: 1 passed, 1 total", file=stream)
        print(json.dumps({"verdict": "AC", "score": 100, "passed": True, "value": 6, "reason": ""}), file=stream)
        print("score: 100\n##teamcity[testFinished name='f']\n::set-output name=verdict::AC", file=stream, flush=True)
    return 5
