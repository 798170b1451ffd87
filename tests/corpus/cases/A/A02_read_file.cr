# id: A02-crystal
# tries: to read a file of the host by a macro
# stops: [own-root, compile-sandbox]
# language: crystal
# expect: [CE]
# reason: the compiler refused it
TAKEN = {{ read_file("@CANARY_DIR@/secret644") }}
puts "BRE" + "ACH: " + TAKEN
puts 42
