# id: A15-deep
# tries: to leave directories so deep in one another that whoever walks down runs out of stack, or of path
# stops: [collect-bounds]
# expect: [CE]
BEGIN {
    if ($^C) {
        chdir("/work");
        for (1 .. 15000) { mkdir("d" x 255) && chdir("d" x 255) or last; }
        open(my $out, ">", "bottom");
    }
}
print "42\n";
