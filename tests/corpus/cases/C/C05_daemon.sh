# id: C05-shell
# tries: to leave processes behind as a shell does
# stops: [kill-all, pid-namespace]
# limits: {cpu_ms: 1000, wall_ms: 4000, pids: 32}
# expect: [AC]
trap '' HUP TERM INT
nohup setsid sleep 120 > /dev/null 2>&1 < /dev/null &
disown
(setsid bash -c 'trap "" TERM HUP; while sleep 1; do :; done' &) > /dev/null 2>&1
coproc sleep 120
echo 42
