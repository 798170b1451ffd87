# id: A21-limit-signal
# tries: to have the compiler die by the signal of a limit that it has not reached
# stops: [causes-from-counters]
# expect: [CE]
BEGIN { if ($^C) { kill $_, $$ for "XCPU", "XFSZ", "ALRM", "KILL"; } }
print "42\n";
