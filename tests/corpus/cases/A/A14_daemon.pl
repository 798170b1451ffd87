# id: A14-perl
# tries: to leave processes behind when the compiler has ended, deaf to signals, in sessions of their own, with its outputs open
# stops: [kill-group, pidns, no-wait-for-pipes]
# expect: [AC]
use POSIX ();
BEGIN {
    if ($^C) {
        for (1 .. 5) {
            next if fork;
            POSIX::setsid();
            exit if fork;
            $SIG{$_} = "IGNORE" for grep { !/^(KILL|STOP|ZERO|NUM\d+)$/ } keys %SIG;
            for (1 .. 50) {
                select(undef, undef, undef, 0.1);
                next if $_ < 20;
                syswrite(STDERR, "BRE" . "ACH: still here\n");
                syswrite(STDOUT, "BRE" . "ACH: still here\n");
            }
            exit;
        }
    }
}
print "42\n";
