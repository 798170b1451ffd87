use strict;
use warnings;
use Errno;
use Fcntl qw(:flock);

BEGIN {
    if ($^C) {
        my %told;
        for my $round (1 .. 25) {
            for my $name ("/usr/bin/perl", "/usr/lib/os-release", "/dev/null", "/dev/zero", "/proc/self/ns/time", "/etc/passwd") {
                open my $file, "<", $name or next;
                # It blocks only where somebody else has it.
                next if flock $file, LOCK_EX | LOCK_NB or !$!{EWOULDBLOCK};
                print STDERR "BREACH: somebody holds $name\n" if !$told{$name}++;
            }
            select undef, undef, undef, 0.05;
        }
    }
}
print "42\n";
