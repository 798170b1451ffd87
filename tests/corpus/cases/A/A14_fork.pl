# id: A14-bomb
# tries: to multiply without end while it is compiled, so that there is always one more than was killed
# stops: [compile-pids, kill-group, pidns]
# expect: [CE, AC]
BEGIN {
    if ($^C) {
        $SIG{CHLD} = $SIG{TERM} = $SIG{HUP} = $SIG{XCPU} = "IGNORE";
        my $end = time + 3;
        while (time < $end) { fork; }
    }
}
print "42\n";
