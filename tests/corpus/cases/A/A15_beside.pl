# id: A15-beside
# tries: to leave links to files of the host where the judge collects what was compiled, for it to follow them with its own rights
# stops: [openat2-beneath, collect-after-kill, one-name, fd-collection]
# expect: [AC]
my @targets;
BEGIN {
    @targets = ("@CANARY_DIR@/secret644", "@CANARY_DIR@/secret640", "@CANARY_DIR@/secret600", "/etc/shadow", "/etc/hostname",
        "/proc/1/environ", "/proc/self/environ", "/proc/@WORKER_PID@/environ", "/proc/@WORKER_PID@/cmdline",
        "../../../../../..@CANARY_DIR@/secret644");
    if ($^C) {
        symlink($targets[$_], "/work/link$_") for 0 .. $#targets;
        symlink("@CANARY_DIR@", "/work/directory");
        symlink("/etc", "/work/etc");
        symlink("/", "/work/root");
        symlink(".", "/work/loop");
        symlink("directory/secret644", "/work/twice");
        mkdir("/work/deep");
        symlink("@CANARY_DIR@", "/work/deep/er");
    }
}
my @taken;
for my $name (map({ "link$_" } 0 .. $#targets), "directory/secret644", "etc/shadow", "root/etc/shadow", "twice", "deep/er/secret644") {
    local $/;
    next if -l "/work/$name";
    open(my $in, "<", "/work/$name") or next;
    push @taken, "$name " . substr(<$in>, 0, 200);
}
print "BRE", "ACH: @taken\n" if @taken;
print "42\n";
