for place in /work /tmp /var/tmp /dev/shm /run/lock /run /home "$HOME" "$HOME/.cache" /usr/local/bin /usr/local/lib /etc /dev /var/lib/php/sessions \
    /usr/local/lib/site_perl /etc/perl /usr/lib/python3/dist-packages; do
    [[ -e $place/assay-corpus-B15 ]] && echo "BREACH: $place/assay-corpus-B15" >&2
done
shopt -s nullglob dotglob
for file in /tmp/* /dev/shm/* /work/*; do
    [[ $file == /work/finder.sh || $file == /work/main.sh ]] || echo "BREACH: $file" >&2
done
for process in /proc/[0-9]*; do
    [[ ${process#/proc/} == $$ ]] || echo "BREACH: $process $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" >&2
done
echo 42
