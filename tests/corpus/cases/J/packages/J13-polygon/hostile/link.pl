# Makes a link, while it is checked, of the name that the input will have, to be written through.
BEGIN {
    if ($^C) {
        symlink("/work/other", "/work/six.in");
        open(my $out, ">", "/work/other");
    }
}
print "48\n";
print "BRE", "ACH: the input was written through a link\n" if -s "/work/other";
