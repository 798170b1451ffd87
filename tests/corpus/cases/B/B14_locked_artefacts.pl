# id: B14-compile
# tries: to leave files and directories that nobody may read, so that collecting them fails
# language: perl
# stops: [collect-as-root, modes-normalized]
# expect: [AC]
use strict;
use warnings;

BEGIN {
    if ($^C) {
        mkdir "/work/locked" or die;
        open my $file, ">", "/work/locked/file" or die;
        print $file "kept";
        close $file;
        chmod 0, "/work/locked/file", "/work/locked", "/work/main.pl", "/work" or die;
    }
}
open my $file, "<", "/work/locked/file" or die "it is not there";
print <$file> eq "kept" ? "42\n" : "0\n";
