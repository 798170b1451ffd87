# id: A13-crystal
# tries: to run a command from a macro, to take what it finds into the program, and to say it in the compiler's log
# stops: [own-root, compile-sandbox, read-only-root]
# language: crystal
# needs: [fast, "toolchain:/usr/bin/crystal"]
# expect: [AC, CE]
{% begin %}
  {% said = `echo ran; cat @CANARY_DIR@/secret* /etc/shadow 2>/dev/null; (echo x >/usr/lib/ran) 2>/dev/null && echo wrote; bash -c 'exec 3<>/dev/tcp/127.0.0.1/@TCP_PORT@' 2>/dev/null && echo network; true`.stringify %}
  {% unless said == "ran\n" %}
    {% puts "BRE" + "ACH: " + said %}
    puts "BRE" + "ACH: " + {{ said }}
  {% end %}
{% end %}
puts 42
