# id: B12-compile
# tries: to leave a tree that is deeper than the collector's stack, its path's length, or its limit
# language: perl
# stops: [collect-limits]
# expect: [CE]
BEGIN {
    if ($^C) {
        my $name = "d" x 200;
        for (1 .. 10000) {
            mkdir $name or last;
            chdir $name or last;
        }
        open my $file, ">", "bottom";
        print $file "x";
    }
}
print STDERR "BREACH: collected\n";
print "42\n";
