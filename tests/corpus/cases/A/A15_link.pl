# id: A15-link
# tries: to put a link to a file of the host in the place of what is to be run
# stops: [openat2-beneath, collect-after-kill, regular-files-only, fd-collection]
# expect: [RTE]
BEGIN {
    if ($^C) {
        unlink("/work/main.pl") or die;
        symlink("@CANARY_DIR@/secret644", "/work/main.pl");
    }
}
print "42\n";
