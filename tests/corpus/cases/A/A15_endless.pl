# id: A15-endless
# tries: to put a link to a device that never ends in the place of what is to be run
# stops: [openat2-beneath, collect-after-kill, regular-files-only, fd-collection]
# expect: [RTE]
BEGIN {
    if ($^C) {
        unlink("/work/main.pl") or die;
        symlink("/dev/zero", "/work/main.pl");
    }
}
print "42\n";
