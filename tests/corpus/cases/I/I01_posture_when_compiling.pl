# id: I01-compile
# tries: to find that code inside a compiler stands better than a program that is run
# language: perl
# stops: [user-namespace, capabilities, bounding-set, no-new-privileges, filter, program-user, supplementary-groups, umask, signal-actions, oom-score]
# expect: [AC]
use strict;
use warnings;

BEGIN {
    my %wanted = (
        Uid => "1000 1000 1000 1000", Gid => "1000 1000 1000 1000", Groups => "", NoNewPrivs => "1", Seccomp => "2", Seccomp_filters => "1", Umask => "0022",
        TracerPid => "0", PPid => "1", Pid => "2", Threads => "1", (map { ("Cap$_" => "0" x 16) } qw(Inh Prm Eff Bnd Amb)), SigBlk => "0" x 16,
    );
    my $read = sub {
        open my $file, "<", shift or return "";
        local $/;
        return <$file> // "";
    };
    my $status = $read->("/proc/self/status");
    for my $name (sort keys %wanted) {
        my $value = $status =~ /^$name:[ \t]*(.*?)[ \t]*$/m ? $1 : "missing";
        $value =~ s/\s+/ /g;
        print STDERR "BREACH: $name is $value\n" if $value ne $wanted{$name};
    }
    # The interpreter itself ignores SIGFPE.
    my ($ignored) = $status =~ /^SigIgn:\s*(\w+)$/m;
    print STDERR "BREACH: ignores $ignored\n" if hex($ignored) & ~0x80;
    my $map = join " ", map { (split)[0, 2] } split /\n/, $read->("/proc/self/uid_map");
    print STDERR "BREACH: the map is $map\n" if $map ne "999 1 1000 1";
    print STDERR "BREACH: the score is " . $read->("/proc/self/oom_score_adj") . "\n" if $read->("/proc/self/oom_score_adj") != 1000;
    print STDERR "BREACH: a group $_\n" for grep { !/:\/$/ } split /\n/, $read->("/proc/self/cgroup");
    for my $line (split /\n/, $read->("/proc/self/limits")) {
        my ($name, $soft, $hard) = $line =~ /^(Max.*?)\s{2,}(\S+)\s+(\S+)/ or next;
        print STDERR "BREACH: $name is $soft of $hard\n" if $soft ne $hard;
    }
    opendir my $dir, "/proc/self/fd" or die;
    for (readdir $dir) {
        next unless /\d/ && $_ > 2;
        my $target = readlink("/proc/self/fd/$_") // next;
        print STDERR "BREACH: descriptor $_ is $target\n" if $target !~ m{^/proc/\d+/fd$|^/work/};
    }
}
print "42\n";
