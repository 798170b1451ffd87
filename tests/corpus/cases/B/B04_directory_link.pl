# id: B04-compile
# tries: to lead the collector out of the work directory through directories that are links
# language: perl
# stops: [collect-beneath, collect-by-type]
# expect: [AC]
use strict;
use warnings;

our @targets;
BEGIN {
    @targets = ("@CANARY_DIR@", "/etc", "/root", "..", "../..", "/", "/proc/self/cwd/..", "/proc/self/root", "/proc/1/root@CANARY_DIR@", "/proc/self/fd", ".");
    if ($^C) {
        mkdir "out";
        for (0 .. $#targets) {
            symlink $targets[$_], "dir$_" or die $!;
            symlink $targets[$_], "out/dir$_" or die $!;
        }
    }
}
for my $path (map { ("dir$_", "out/dir$_") } 0 .. $#targets) {
    next unless -e $path || -l $path;
    print STDERR "BREACH: $path came out\n";
    for my $file (glob "$path/*") {
        open my $in, "<", $file or next;
        read $in, my $text, 4096;
        print STDERR "$file: $text";
    }
}
print "42\n";
