# id: A14-pipes
# tries: to keep the compiler's outputs open in a process that sleeps, so that whoever reads to the end waits for it
# stops: [kill-group, pidns, no-wait-for-pipes]
# expect: [AC]
BEGIN {
    if ($^C && !fork) {
        sleep 1000;
        exit;
    }
}
print "42\n";
