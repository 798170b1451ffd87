# id: B09-compile
# tries: to leave many files that are large and empty, which take nothing to make and much to collect
# language: perl
# stops: [bounded-read, rlimit-fsize]
# expect: [CE]
BEGIN {
    if ($^C) {
        $SIG{XFSZ} = "IGNORE";
        for (1 .. 1000) {
            open my $file, ">", "/work/hole$_" or die;
            print STDERR "BREACH: a tebibyte\n" if truncate $file, 1 << 40;
            truncate $file, 200 << 20 or die $!;
        }
    }
}
print STDERR "BREACH: all of it was collected\n";
print "42\n";
