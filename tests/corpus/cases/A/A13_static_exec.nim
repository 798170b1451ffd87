# id: A13-nim
# tries: to run commands while it is compiled, and to take what they find into the program
# stops: [own-root, compile-sandbox, read-only-root, seccomp-socket, pidns]
# expect: [AC]
import std/strutils
const said = staticExec("""
echo ran
cat @CANARY_DIR@/secret* /etc/shadow /etc/hostname /proc/@WORKER_PID@/environ 2>/dev/null
for place in /usr/lib /etc / /dev /usr/bin /etc/nim; do (echo x >$place/ran) 2>/dev/null && echo "wrote to $place"; done
(exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@) 2>/dev/null && echo network
(bash -c 'exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@') 2>/dev/null && echo network
true
""")
let lines = said.strip.splitLines
if lines[0] != "ran": echo "nothing ran"
if lines.len > 1: echo "BRE" & "ACH: " & lines[1 .. ^1].join(" ")
echo "42"
