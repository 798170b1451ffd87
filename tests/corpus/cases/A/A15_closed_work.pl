# id: A15-work
# tries: to close the work directory itself, so that nobody can collect what is in it, or fill it again
# stops: [fd-collection, causes-from-counters]
# expect: [AC, CE, RTE]
BEGIN {
    if ($^C) {
        unlink("/work");
        rmdir("/work");
        rename("/work", "/tmp/work");
        symlink("/etc", "/work/..");
        chmod(0, "/work") or die;
    }
}
print "42\n";
