# id: A21-forbidden
# tries: to make a forbidden system call in a child of the compiler, which ends with success
# stops: [seccomp, causes-from-counters]
# expect: [CE]
# needs: [x86_64]
BEGIN {
    if ($^C) {
        if (!fork) { syscall(101, 0, 0, 0, 0); exit; }
        wait;
    }
}
print "42\n";
