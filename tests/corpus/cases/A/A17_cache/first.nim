import std/strutils
# What may be written to is the job's own, and gone when the next one comes.
const said = staticExec("""
exec 2>/dev/null
for home in /root /home /var/cache /var/tmp /usr/local /etc /run /var/lib/ghc; do
    mkdir -p $home/.cache/evil && echo "$home"
    echo x >$home/evil && echo "$home"
done
for place in /usr/lib/python3/dist-packages/evil.pth /usr/lib/python3/dist-packages/sitecustomize.py /usr/lib/python3.11/__pycache__/evil.pyc \
    /usr/lib/nim/evil.nim /usr/share/nodejs/evil.js /usr/lib/ocaml/evil.cmi /etc/nim/evil.cfg /usr/lib/gcc/evil /usr/include/evil.h \
    /etc/ld.so.preload /etc/ld.so.cache /usr/lib/jvm/evil /usr/share/perl5/evil.pm; do
    echo x >$place && echo "$place"
done
for home in /tmp /dev/shm /work; do
    [ -e $home/evil ] && echo "left by another: $home"
    mkdir -p $home/.cache/go-build $home/.ccache $home/.cargo $home/.rustup $home/.config/nim $home/go-cache $home/.local/lib/python3.11/site-packages
    echo x >$home/evil
    echo 'echo evil' >$home/.profile
    echo 'import sys; print("BRE" "ACH: site")' >$home/.local/lib/python3.11/site-packages/evil.pth
    echo '--define:evil' >$home/.config/nim/nim.cfg
    mkdir -p /tmp/nim && echo evil >/tmp/nim/evil
done
true
""")
if said.strip != "": echo "BRE" & "ACH: " & said.replace("\n", " ")
echo 42
