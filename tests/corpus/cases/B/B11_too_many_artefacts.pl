# id: B11-compile
# tries: to leave more files than anyone wants to collect
# language: perl
# stops: [collect-limits, tmp-inodes, work-inodes]
# expect: [CE]
BEGIN {
    if ($^C) {
        for (1 .. 30000) {
            open my $file, ">", "/work/n$_" or last;
        }
        print STDERR "BREACH: 30000 files\n" if -e "/work/n30000";
    }
}
print STDERR "BREACH: all of them were collected\n";
print "42\n";
