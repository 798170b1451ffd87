# id: B04-race
# tries: to swap a directory for a link out of the work directory while the collector walks through it
# language: perl
# stops: [collect-after-kill, collect-beneath]
# needs: [x86_64]
# repeat: 20
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        for my $number (0 .. 15) {
            mkdir "out$number" or die;
            mkdir "out$number/in" or die;
            for my $name (qw(secret600 secret640 secret644)) {
                open my $file, ">", "out$number/in/$name" or die;
                print $file "mine\n";
            }
            symlink "@CANARY_DIR@", "link$number" or die;
        }
        for my $half (0, 1) {
            next if fork;
            $SIG{$_} = "IGNORE" for qw(TERM HUP INT PIPE);
            close STDOUT;
            close STDERR;
            while (1) {
                for (my $number = $half; $number < 16; $number += 2) {
                    # renameat2 with RENAME_EXCHANGE.
                    syscall 316, -100, "out$number/in", -100, "link$number", 2;
                }
            }
        }
        # They are at it when the compiler ends.
        select undef, undef, undef, 0.05;
    }
}
for my $file (glob "*/* */*/*") {
    next unless -f $file;
    open my $in, "<", $file or next;
    read $in, my $text, 4096;
    print STDERR "BREACH: $file: $text" if $text ne "mine\n";
}
print "42\n";
