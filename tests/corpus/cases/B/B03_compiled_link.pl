# id: B03-compile
# tries: to have links to secrets collected as what compiling left, by code that runs inside the compiler
# language: perl
# stops: [collect-beneath, collect-by-type]
# expect: [AC]
use strict;
use warnings;

our @targets;
BEGIN {
    @targets = ("@CANARY_DIR@", "@CANARY_DIR@/secret644", "@CANARY_DIR@/secret600", "/etc/shadow", "/etc/hostname", "/proc/self/environ", "/proc/1/environ",
        "/proc/self/cmdline", "../../../../../../../../etc/shadow", "/proc/self/root/etc/shadow", "/proc/self/fd/0", "/dev/stdin");
    if ($^C) {
        symlink $targets[$_], "loot$_" or die $! for 0 .. $#targets;
    }
}
for (0 .. $#targets) {
    next unless -e "loot$_" || -l "loot$_";
    print STDERR "BREACH: the link to $targets[$_] was collected\n";
    open my $file, "<", "loot$_" or next;
    read $file, my $text, 4096;
    print STDERR $text;
}
print "42\n";
