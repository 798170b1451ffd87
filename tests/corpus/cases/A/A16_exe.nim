# id: A16-nim
# tries: to replace the program that was linked by another, again and again, until it is the other that is collected or run
# stops: [collect-after-kill, sealed-copy, kill-group]
# limits: {wall_ms: 9000}
# expect: [WA, CE]
# repeat: 3
import std/os
const made = staticExec("""cat >/tmp/other <<'END'
#!/bin/sh
echo BRE"ACH: replaced after the link"
echo 42
END
chmod +x /tmp/other
(setsid sh -c 'while :; do
    if [ -s /work/program ]; then sleep 1; cp -f /tmp/other /work/new; mv -f /work/new /work/program; fi
    sleep 0.02
done' >/dev/null 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &)
echo made""")
when made != "made": {.error: "nothing ran".}
sleep(1500)
echo 41
