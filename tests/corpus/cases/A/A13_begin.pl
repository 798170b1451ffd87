# id: A13-perl
# tries: to reach the host, the network and the judge from a block that runs while the source is only checked
# stops: [own-root, compile-sandbox, read-only-root, seccomp-socket, pidns]
# expect: [AC]
use strict;
use Socket;
my $log;
BEGIN {
    $log = "/work/found";
    if ($^C) {
        my @found = ("ran");
        for my $path ("@CANARY_DIR@/secret644", "@CANARY_DIR@/secret600", "/etc/shadow", "/etc/hostname", "/proc/@WORKER_PID@/environ") {
            my $in;
            push @found, "read $path" if open($in, "<", $path) && defined(<$in>);
        }
        for my $path ("/usr/lib/ran", "/etc/ran", "/ran", "/dev/ran", "/proc/sys/kernel/hostname") {
            push @found, "wrote $path" if open(my $out, ">", $path);
        }
        my $s;
        push @found, "network" if socket($s, PF_INET, SOCK_STREAM, 6) && connect($s, sockaddr_in(@TCP_PORT@, inet_aton("127.0.0.1")));
        push @found, "local socket" if socket($s, PF_UNIX, SOCK_STREAM, 0) && connect($s, sockaddr_un("@SOCKET@"));
        my @processes = grep { /^\d+$/ && $_ > 20 } map { m{(\d+)$} } glob("/proc/[0-9]*");
        push @found, "processes @processes" if @processes;
        push @found, "root of another" if kill(0, 1) && $< == 0 && !-e "/proc/1/root/work";
        push @found, "environment $_=$ENV{$_}" for grep { !/^(PATH|HOME|TMPDIR|LANG|PWD|SHLVL|OLDPWD|_)$/ } keys %ENV;
        open(my $out, ">", $log);
        print $out join("\n", @found), "\n";
    }
}
open(my $in, "<", $log) or die "the block did not run";
chomp(my ($ran, @found) = <$in>);
print "BRE", "ACH: @found\n" if @found;
print $ran eq "ran" ? "42\n" : "nothing\n";
