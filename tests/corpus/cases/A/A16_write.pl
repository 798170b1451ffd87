# id: A16-perl
# tries: to keep what was compiled open for writing, and to change it when it has been collected, or while it runs
# stops: [collect-after-kill, sealed-copy, kill-group]
# limits: {wall_ms: 9000}
# expect: [WA]
# reason: got "41"
BEGIN {
    if ($^C) {
        open(my $held, "+<", "/work/main.pl") or die;
        open(my $data, "+>", "/work/data") or die;
        syswrite($data, "41\n");
        if (!fork) {
            $SIG{$_} = "IGNORE" for "TERM", "HUP", "INT", "PIPE";
            setpgrp;
            while (1) {
                select(undef, undef, undef, 0.5);
                sysseek($_, 0, 0) for $held, $data;
                syswrite($held, "print 'BRE', qq(ACH: changed\\n42\\n); exit;#");
                syswrite($data, "42\n");
            }
        }
    }
}
my $answer;
for (1 .. 20) {
    open(my $data, "<", "/work/data") or die;
    $answer = <$data>;
    open(my $own, "<", $0) or die;
    print "BRE", "ACH: changed\n" if <$own> !~ /id: A16/ || $answer !~ /41/;
    select(undef, undef, undef, 0.1);
}
print $answer;
