# id: B22-terminal
# tries: to get at a terminal, the worker's or a new one
# stops: [own-session, own-dev, filter]
# expect: [AC]
for name in /dev/tty /dev/console /dev/ptmx /dev/pts/0 /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; do
    [[ -c $name ]] && echo "BREACH: $name is a device" >&2
done
{ echo >/dev/tty; } 2>/dev/null && echo "BREACH: wrote to the terminal" >&2
# Fields of stat after the name: state, parent, group, session, terminal.
read -r _ _ _ _ group session terminal _ </proc/self/stat
[[ $terminal == 0 ]] || echo "BREACH: terminal $terminal" >&2
[[ $session == "$$" && $group == "$$" ]] || echo "BREACH: session $session, group $group are from outside" >&2
[[ -t 0 || -t 1 || -t 2 ]] && echo "BREACH: a terminal" >&2
echo 42
