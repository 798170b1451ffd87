# id: I03-program
# tries: to be root in a namespace by the program that is there for it
# stops: [filter, no-further-namespaces]
# reason: unshare
# expect: [RTE]
said=$(unshare --user --map-root-user --mount id 2>&1)
echo "BREACH: unshare went on: $said" >&2
echo 42
