BEGIN {
    mkdir "/work/judge";
    mkdir "/work/judge/feedback";
    for my $name (qw(/work/judge/1.ans /work/judge/2.ans /work/judge/3.ans /tmp/42 /dev/shm/42 /work/v.py)) {
        open my $file, ">", $name or next;
        print $file "41\n";
    }
}
print "41\n";
