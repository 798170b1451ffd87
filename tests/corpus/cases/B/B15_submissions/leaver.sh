mark=assay-corpus-B15
for place in /work /tmp /var/tmp /dev/shm /run/lock /run /home "$HOME" "$HOME/.cache" /usr/local/bin /usr/local/lib /etc /dev /var/lib/php/sessions; do
    mkdir -p "$place" 2>/dev/null
    { echo left >"$place/$mark"; } 2>/dev/null
done
mkdir -p /tmp/.config /tmp/.local/bin
echo 'echo BREACH: start-up file >&2' | tee /tmp/.bashrc /tmp/.profile /tmp/.bash_profile /tmp/.config/x >/dev/null
# Something that lives on, if it can.
(setsid sleep 30 </dev/null >/dev/null 2>&1 &)
echo 42
