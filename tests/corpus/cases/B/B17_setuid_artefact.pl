# id: B17-compile
# tries: to leave programs with set-uid bits when compiling, to be given back by a worker that is root
# language: perl
# stops: [modes-normalized, nosuid-trees, tmp-flags, work-flags]
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        for my $name (qw(one two three)) {
            open my $file, ">", "/work/$name" or die;
            print $file "#!/bin/sh\nid -u\n";
            close $file;
        }
        chmod 04755, "/work/one";
        chmod 06777, "/work/two";
        chmod 02711, "/work/three";
    }
}
for my $name (qw(one two three)) {
    my @meta = stat "/work/$name" or die "$name is gone";
    printf STDERR "BREACH: %s has mode %o, user %d, group %d\n", $name, @meta[2, 4, 5] if $meta[2] & 07022 || $meta[4] != 1000 || $meta[5] != 1000;
    my $user = `/work/$name`;
    print STDERR "BREACH: ran as $user" if $user != 1000;
}
print "42\n";
