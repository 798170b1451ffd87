import std/[os, strutils]
const said = staticExec("""
exec 2>/dev/null
find / -xdev -name 'evil*' -not -path '/proc/*'
for place in "$HOME" /tmp /dev/shm /work; do find $place -mindepth 1 -maxdepth 2 -newermt 1971-01-01 \( -name '.*' -o -name evil \); done
python3 -c 'pass'
find /usr/lib/python3 /usr/lib/python3.11 -name '*.pyc' -newer /proc/1
true
""")
when defined(evil): echo "BRE" & "ACH: settings of another"
if said.strip != "": echo "BRE" & "ACH: " & said.replace("\n", " ")
for (_, path) in walkDir("/tmp"): echo "BRE" & "ACH: " & path
echo 42
