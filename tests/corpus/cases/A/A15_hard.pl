# id: A15-hard
# tries: to put another name of a file of the host in the place of what is to be run
# stops: [openat2-beneath, collect-after-kill, regular-files-only, fd-collection]
# expect: [RTE]
BEGIN {
    if ($^C) {
        unlink("/work/main.pl") or die;
        link("/usr/bin/perl", "/work/main.pl") or link("/proc/self/fd/0", "/work/main.pl");
    }
}
print "42\n";
