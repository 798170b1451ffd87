# id: A15-litter
# tries: to leave more files than anybody wants to collect
# stops: [collect-bounds, inode-limit]
# expect: [CE]
BEGIN {
    if ($^C) {
        my $count = 0;
        for my $n (1 .. 100000) { open(my $out, ">", "/work/$n") or last; $count++; }
        exit 0 if $count < 5000;
    }
}
print "42\n";
