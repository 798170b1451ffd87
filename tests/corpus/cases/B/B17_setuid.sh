# id: B17-suid
# tries: to become root by the set-uid and set-gid programs that the toolchain's file system has
# stops: [no-new-privileges, nosuid-trees, tmp-flags, work-flags, user-namespace]
# limits: {cpu_ms: 4000, wall_ms: 12000, pids: 32}
# expect: [AC]

# The loader shows the auxiliary vector of those programs only to which the kernel gives nothing.
tried=0 shown=0
for file in $(find /usr/bin /usr/sbin /usr/lib /usr/libexec /usr/local/bin -maxdepth 2 -xdev -type f -perm /6000 2>/dev/null); do
    [[ -x $file ]] || continue
    tried=$((tried + 1))
    vector=$(LD_SHOW_AUXV=1 timeout -s KILL 1 "$file" --version </dev/null 2>/dev/null | tr -s ' \n' ' ')
    [[ -z $vector ]] && continue
    shown=$((shown + 1))
    if [[ $vector != *"AT_EUID: 1000 "* || $vector != *"AT_SECURE: 0 "* || $vector != *"AT_EGID: 1000 "* ]]; then
        echo "BREACH: $file: $vector" >&2
    fi
done
echo "$shown of $tried programs told" >&2
for attempt in "su -c id" "su root -c id" "newgrp root" "passwd -d root" "sudo -n id" "pkexec id"; do
    said=$(timeout -s KILL 1 $attempt </dev/null 2>/dev/null)
    [[ $said == *uid=* || $said == *"(root)"* ]] && echo "BREACH: $attempt: $said" >&2
done
[[ $(id -u) == 1000 && $(id -g) == 1000 ]] || echo "BREACH: $(id)" >&2
echo 42
