# id: J10-perl
# tries: to compute for longer than a test may while it is only checked, and to keep what it found for the tests
# stops: [compile-cpu]
# limits: {cpu_ms: 1000, wall_ms: 3000}
# expect: [AC, CE]
BEGIN {
    if ($^C) {
        my $x = 1;
        while (times < 3) { $x = ($x * 16807) % 2147483647 for 1 .. 100000; }
        open(my $out, ">", "/work/answer");
        print $out "42\n";
    }
}
open(my $in, "<", "/work/answer") or die;
print <$in>;
