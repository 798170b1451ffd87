# id: A21-oom
# tries: to have a child of the compiler killed for its memory while the compiler ends with success
# stops: [compile-memory, causes-from-counters]
# expect: [CE]
# reason: more memory
BEGIN {
    if ($^C) {
        if (!fork) { my @all; push @all, "x" x (64 << 20) for 1 .. 100; exit; }
        wait;
    }
}
print "42\n";
