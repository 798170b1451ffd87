# id: B03-program
# tries: to leave a link to a secret in the place of the program, which is then read as one and shown in its error message
# language: perl
# stops: [collect-beneath, collect-by-type]
# expect: [RTE]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        unlink "/work/main.pl" or die;
        symlink "@CANARY_DIR@/secret644", "/work/main.pl" or die;
    }
}
print STDERR "BREACH: ran although it was removed\n";
print "42\n";
