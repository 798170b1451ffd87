# id: A10-leave
# tries: to leave as much as is allowed, for the judge to hold and to copy for every test
# stops: [collect-bounds, bounded-copy]
# expect: [AC, CE]
# message: {tests: [{id: "1", expected: "42\n"}, {id: "2", expected: "42\n"}, {id: "3", expected: "42\n"}]}
BEGIN {
    if ($^C) {
        my $block = "x" x (1 << 20);
        for my $n (1 .. 5) {
            open(my $out, ">", "/work/left$n") or die;
            print $out $block for 1 .. 50;
        }
    }
}
print "42\n";
