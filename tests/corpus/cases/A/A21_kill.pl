# id: A21-signal
# tries: to have the compiler die by a signal, as if the judge had killed it
# stops: [compiler-crash-is-the-program's]
# expect: [CE]
BEGIN { kill "KILL", $$ if $^C; }
print "42\n";
