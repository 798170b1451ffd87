# id: B05-late
# tries: to leave a process behind that goes on changing what compiling left, and holds the compiler's output open
# language: perl
# stops: [collect-after-kill, pid-namespace, kill-group]
# repeat: 3
# expect: [AC]
use strict;
use warnings;
use POSIX ();

BEGIN {
    if ($^C && !fork) {
        POSIX::setsid();
        exit if fork;
        $SIG{$_} = "IGNORE" for qw(TERM HUP INT PIPE CHLD);
        for my $tick (1 .. 200) {
            select undef, undef, undef, 0.1;
            # A file for each tick: the compiler itself takes less than one.
            open my $file, ">", "/work/late$tick" or next;
            print $file "still here\n";
            close $file;
            next unless $tick == 8;
            open $file, ">", "/work/main.pl" or next;
            print $file "print STDERR 'BREACH: the program was replaced', \"\\n\"; print 42;";
            close $file;
        }
        POSIX::_exit(0);
    }
}
my @late = glob "/work/late*";
print STDERR "BREACH: it lived on for @{[scalar @late]} ticks\n" if @late > 3;
print "42\n";
