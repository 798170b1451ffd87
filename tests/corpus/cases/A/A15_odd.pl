# id: A15-odd
# tries: to leave files whose names are no text, end lines, or look like options, and modes that nobody can read
# stops: [names-are-bytes, no-shell]
# expect: [AC]
my @names;
BEGIN {
    @names = ("a\nb", "\xff\xfe", "-rf", "--", "\$(touch ran)", "%s%n", "x" x 255, "\e[2J", " ", "...", "a;b", "*", "\xe2\x80\xae");
    if ($^C) {
        for my $name (@names) { open(my $out, ">", "/work/$name") or next; print $out "x"; close $out; chmod 0, "/work/$name"; }
        mkdir "/work/closed"; mkdir "/work/closed/inner"; chmod 0, "/work/closed";
        mkdir "/work/.assay"; open(my $out, ">", "/work/.assay/harness");
    }
}
print "BRE", "ACH: a shell was used\n" if -e "/work/ran";
print "42\n";
