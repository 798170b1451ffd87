# id: A02-nim
# tries: to read files of the host while it is compiled
# stops: [own-root, compile-sandbox]
# expect: [CE]
# reason: the compiler refused it
const taken = staticRead("@CANARY_DIR@/secret644")
echo "BRE" & "ACH: ", taken
echo "42"
