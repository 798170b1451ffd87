# id: A15-fifo
# tries: to put a pipe, which whoever opens it waits for in the place of what is to be run
# stops: [openat2-beneath, collect-after-kill, regular-files-only, fd-collection]
# expect: [RTE]
BEGIN {
    if ($^C) {
        unlink("/work/main.pl") or die;
        require POSIX; POSIX::mkfifo("/work/main.pl", 0644);
    }
}
print "42\n";
