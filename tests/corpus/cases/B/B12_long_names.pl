# id: B12-names
# tries: to leave a tree that is not too deep but has paths longer than a path may be
# language: perl
# stops: [collect-limits]
# expect: [CE]
BEGIN {
    if ($^C) {
        my $name = "d" x 255;
        for (1 .. 40) {
            mkdir $name or die;
            chdir $name or die;
        }
        open my $file, ">", "bottom";
    }
}
print STDERR "BREACH: collected\n";
print "42\n";
