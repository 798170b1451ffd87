# id: C01-shell
# tries: the shell's fork bomb, ten generations of pipes
# stops: [pids-max]
# limits: {cpu_ms: 1500, wall_ms: 3000, pids: 64}
# expect: [TLE, ILE, MLE, RTE]
bomb() {
    set -- "$1" /proc/[0-9]*
    if [ $# -gt 100 ]; then echo "BREACH: $# processes" >&2; fi
    if [ "$1" -lt 10 ]; then bomb $(($1 + 1)) | bomb $(($1 + 1)) & fi
    read -r -t 60 < /dev/zero
    wait
}
bomb 0 2> >(grep -m 1 BREACH)
exit 1
