# id: A13-nim-mount
# tries: to mount something while it is compiled
# stops: [seccomp-mount]
# expect: [CE]
const said = staticExec("mount -t tmpfs none /tmp && echo BRE''ACH: mounted")
echo said
echo "42"
