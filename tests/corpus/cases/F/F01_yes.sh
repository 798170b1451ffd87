# id: F01-shell
# tries: to fill the judge's memory or disk with what its children print
# stops: [stdout-cap, kill-all]
# limits: {cpu_ms: 2000, pids: 32}
# expect: [OLE]
(yes & yes no &)
yes 42 | head -c 500000000
echo BREACH >&2
