use strict;
use warnings;
use Fcntl qw(:flock);

BEGIN {
    if ($^C) {
        my @held;
        for my $name ("/usr/bin/perl", "/usr/lib/os-release", "/dev/null", "/dev/zero", "/proc/self/ns/time", "/etc/passwd") {
            open my $file, "<", $name or next;
            flock $file, LOCK_EX | LOCK_NB;
            push @held, $file;
        }
        select undef, undef, undef, 1.5;
    }
}
print "42\n";
