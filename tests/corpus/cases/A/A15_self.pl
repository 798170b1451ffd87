# id: A15-self
# tries: to put a link to itself in the place of what is to be run
# stops: [openat2-beneath, collect-after-kill, regular-files-only, fd-collection]
# expect: [RTE]
BEGIN {
    if ($^C) {
        unlink("/work/main.pl") or die;
        symlink("main.pl", "/work/main.pl");
    }
}
print "42\n";
