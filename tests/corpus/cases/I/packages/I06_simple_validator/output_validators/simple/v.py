import json
import sys

# As such programs are: the first token is a number, the rest JSON.
first, _, rest = sys.stdin.read().partition("\n")
wrong = abs(float(first) - 42) > 1e-6
length = len(json.loads(rest))
sys.exit(43 if wrong or length != 3 else 42)
