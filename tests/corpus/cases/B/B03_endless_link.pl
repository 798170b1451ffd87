# id: B03-endless
# tries: to keep the collector reading for ever, by links to devices without an end
# language: perl
# stops: [collect-beneath, bounded-read]
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        my $number = 0;
        symlink $_, "endless" . $number++ or die $! for "/dev/zero", "/dev/urandom", "/dev/full", "/proc/self/fd/1", "/proc/self/mem", "/dev/tty";
    }
}
print STDERR "BREACH: $_ is there, ", -s $_ // 0, " bytes\n" for glob "endless*";
print "42\n";
