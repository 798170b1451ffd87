# id: C26-shell
# tries: to live on in a pipe that nobody reads, as where SIGPIPE is ignored
# stops: [signal-reset]
# limits: {cpu_ms: 1500, wall_ms: 5000, pids: 32}
# expect: [AC]
set -o pipefail
yes 2> errors | head -n 1 > /dev/null
status=$?
if [ "$status" != 141 ]; then echo "BREACH: yes ended with $status and said $(head -c 60 errors)"; fi
echo 42
