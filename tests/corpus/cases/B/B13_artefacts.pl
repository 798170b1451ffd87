# id: B13-compile
# tries: to leave files under names that are no text, no option, and no path, and to print them in the compiler's log
# language: perl
# stops: [bytes-escaped-in-reports, plain-names]
# expect: [AC]
use strict;
use warnings;

our @names;
BEGIN {
    @names = ("\n", "\r\e[2J", "\xff\xfe\x80", "-rf", "--help", "\$(touch x)", "`id`", "%s%n", "\"}],\"verdict\":\"AC\"", "...", " ", "\\", "n" x 255, "\xed\xa0\x80", "\x9b2J", "*", "~",
        "LD_PRELOAD=x", "C:", "nul\x01");
    if ($^C) {
        for my $name (@names) {
            open my $file, ">", "/work/$name" or die "$name: $!";
            print $file "kept";
            close $file;
            print STDERR "$name\n";
        }
    }
}
my $kept = 0;
for my $name (@names) {
    open my $file, "<", "/work/$name" or next;
    $kept++ if <$file> eq "kept";
}
opendir my $dir, "/work" or die;
my $all = grep { !/^\.\.?$/ } readdir $dir;
print STDERR "BREACH: $all files of which $kept are right\n" if $all != @names + 1 || $kept != @names;
print "42\n";
