# id: B01-places
# tries: to print the expected output from the places where judges and people usually keep such files
# stops: [mount-namespace]
# expect: [WA]
# secret: true
# message: {checker: {kind: exact}}
shopt -s nullglob dotglob
for place in /judge /judges /data /tests /testdata /test /input /output /problem /problems /packages /submission /submissions /box /sandbox \
    /home/* /root /srv /opt /mnt /media /run /run/secrets /var/lib /var/tmp /var/spool /var/log /boot /sys /dev/shm /tmp "@CANARY_DIR@" \
    . .. ../.. /work/judge /work/tests /work/.. ; do
    for file in "$place"/* "$place"/*/*; do
        case $file in */usr/* | */proc/* | */lib/* | */bin/* | */sbin/* | */lib64/* | *main.sh | /var/lib/ghc/*) continue ;; esac
        [[ -f $file && -r $file ]] || continue
        text=$(head -c 4096 "$file" 2>/dev/null | tr -d '\0')
        if [[ $text =~ CANARY_[0-9a-f]{16} ]]; then
            echo "BREACH: $file" >&2
            echo "${BASH_REMATCH[0]}"
            exit
        fi
    done
done
for file in /etc/shadow /etc/gshadow /etc/machine-id /etc/hostname /etc/resolv.conf /etc/ssh/ssh_host_rsa_key /.dockerenv /run/.containerenv; do
    [[ -e $file ]] && echo "BREACH: $file is there" >&2
done
echo nothing
