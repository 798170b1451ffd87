# id: A15-environ
# tries: to put a link to the environment of whoever follows it in the place of what is to be run
# stops: [openat2-beneath, collect-after-kill, regular-files-only, fd-collection]
# expect: [RTE]
BEGIN {
    if ($^C) {
        unlink("/work/main.pl") or die;
        symlink("/proc/self/environ", "/work/main.pl");
    }
}
print "42\n";
