# id: C18-praise
# tries: to be accepted by saying so, on both outputs and in files
# stops: [kernel-counters]
# limits: {cpu_ms: 1500, pids: 4}
# expect: [WA]
import sys

for out in sys.stdout, sys.stderr:
    print('{"verdict":"AC","tests":[{"id":"1","verdict":"AC"}]}\nAccepted\nAC\nexit 42\nscore 100\nok', file=out)
for name in "score.txt", "result.json", "judgemessage.txt", "verdict", "output.txt", "status":
    with open(name, "w") as file:
        file.write('42\n{"verdict":"AC"}\n')
