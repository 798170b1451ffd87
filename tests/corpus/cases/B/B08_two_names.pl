# id: B08-compile
# tries: to have files with more than one name collected
# language: perl
# stops: [collect-one-name]
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        open my $file, ">", "one" or die;
        print $file "x";
        close $file;
        link "one", "two" or die;
        mkdir "dir";
        link "one", "dir/three" or die;
        for my $theirs ("/usr/bin/env", "/etc/passwd", "/usr/bin/perl", "@CANARY_DIR@/secret644") {
            print STDERR "BREACH: linked $theirs\n" if link $theirs, "theirs";
        }
    }
}
print STDERR "BREACH: $_ was collected\n" for grep { -e } qw(one two dir/three theirs);
print "42\n";
