# id: B07-compile
# tries: to leave links to the program itself, to each other and to nothing, which collecting or placing could write through
# language: perl
# stops: [collect-beneath, collect-by-type, fresh-directory]
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        symlink "main.pl", "main.ans";
        symlink "main.pl", "output.txt";
        symlink "a", "b";
        symlink "b", "a";
        symlink "self", "self";
        symlink "/tmp/nothing", "dangling";
        symlink "x" x 4000, "long";
        mkdir "dir";
        symlink "../main.pl", "dir/main.pl";
        symlink "../dir", "dir/dir";
    }
}
for my $name (qw(main.ans output.txt a b self dangling long dir/main.pl dir/dir)) {
    print STDERR "BREACH: $name came through\n" if -l $name || -e $name;
}
print "42\n";
