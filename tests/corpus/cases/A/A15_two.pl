# id: A15-names
# tries: to leave a file under two names, so that a change of one is a change of the other after the copy
# stops: [one-name, fd-collection]
# expect: [AC]
BEGIN {
    if ($^C) {
        open(my $out, ">", "/work/first.pl"); print $out "1"; close $out;
        link("/work/first.pl", "/work/second.pl") or die;
        link("/usr/bin/perl", "/work/third.pl") and die;
        link("/proc/self/exe", "/work/fourth.pl") and die;
    }
}
print "BRE", "ACH: two names\n" if grep { -e "/work/$_.pl" && (stat _)[3] > 1 } "first", "second", "third", "fourth";
print "42\n";
