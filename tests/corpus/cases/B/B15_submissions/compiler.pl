BEGIN {
    if ($^C) {
        for my $place (qw(/tmp /dev/shm /var/tmp /usr/local/lib/site_perl /etc/perl /usr/lib/python3/dist-packages)) {
            open my $file, ">", "$place/assay-corpus-B15" or next;
            print $file "left";
        }
        fork // 1 or do { exec "sleep", "30" };
    }
}
print STDERR "BREACH: $_ is left from compiling\n" for grep { -e "$_/assay-corpus-B15" } qw(/tmp /dev/shm /var/tmp /usr/local/lib/site_perl);
print "42\n";
