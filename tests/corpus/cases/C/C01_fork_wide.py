# id: C01-wide
# tries: to have more processes than its limit, all of them children of one
# stops: [pids-max]
# limits: {cpu_ms: 2000, pids: 12}
# expect: [AC]
import os, signal

children = []
try:
    while len(children) < 300:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except OSError:
    pass
if len(children) >= 12:
    print("BREACH:", len(children), "children")
for child in children:
    os.kill(child, signal.SIGKILL)
print(42, flush=True)
os._exit(0)
