# id: A13-crystal
# tries: to run a command from a macro, and to take what it finds into the program
# stops: [own-root, compile-sandbox, read-only-root]
# language: crystal
# expect: [AC]
SAID = {{ `echo ran; cat @CANARY_DIR@/secret* /etc/shadow 2>/dev/null; (echo x >/usr/lib/ran) 2>/dev/null && echo wrote; bash -c 'exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@' 2>/dev/null && echo network; true`.stringify }}
lines = SAID.strip.lines
puts "nothing ran" unless lines[0] == "ran"
puts "BRE" + "ACH: " + SAID if lines.size > 1
puts 42
