# id: B05-growing
# tries: to let a file grow and shrink while it is collected, so that its size and its content differ
# language: perl
# stops: [collect-after-kill, bounded-read]
# repeat: 5
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C && !fork) {
        close STDOUT;
        close STDERR;
        open my $file, ">", "/work/growing" or die;
        while (1) {
            truncate $file, 0;
            truncate $file, 200 << 20;
        }
    }
    select undef, undef, undef, 0.05 if $^C;
}
my $size = -s "/work/growing";
print STDERR "BREACH: $size bytes\n" if defined $size && $size != 0 && $size != 200 << 20;
print "42\n";
