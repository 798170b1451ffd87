# id: A15-directory
# tries: to put a directory in the place of what is to be run
# stops: [openat2-beneath, collect-after-kill, regular-files-only, fd-collection]
# expect: [RTE]
BEGIN {
    if ($^C) {
        unlink("/work/main.pl") or die;
        mkdir("/work/main.pl"); symlink("/etc/shadow", "/work/main.pl/main.pl");
    }
}
print "42\n";
