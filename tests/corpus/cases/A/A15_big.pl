# id: A15-holes
# tries: to leave files that are all hole and together larger than any memory
# stops: [collect-bounds, file-size-limit]
# expect: [CE]
BEGIN {
    if ($^C) {
        $SIG{XFSZ} = "IGNORE";
        for my $n (1 .. 1000) {
            open(my $out, ">", "/work/hole$n") or last;
            truncate($out, 200 << 20) or truncate($out, 1 << 40) or die;
        }
    }
}
print "42\n";
