# id: A14-nim
# tries: to stop what must end it, and to leave behind what is stopped or deaf, with none of the compiler's pipes
# stops: [kill-group, pidns, signal-proof-init]
# expect: [AC]
const said = staticExec("""
exec 2>/dev/null
(setsid sh -c 'trap "" TERM HUP INT; kill -STOP $$; sleep 600' >/dev/null </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &)
(setsid sh -c 'trap "" TERM HUP INT; sleep 600' >/dev/null </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &)
kill -STOP 1
kill -KILL 1
echo ran
""")
if said != "ran": echo "nothing ran"
echo "42"
