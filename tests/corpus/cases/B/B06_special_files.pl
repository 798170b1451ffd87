# id: B06-compile
# tries: to leave a FIFO, sockets, a device and directories where files are collected, so that whoever opens them waits
# language: perl
# stops: [filter, collect-by-type, nonblocking-open]
# needs: [x86_64]
# expect: [AC]
use strict;
use warnings;
use POSIX ();
use Socket;

BEGIN {
    if ($^C) {
        for (1 .. 3) {
            print STDERR "BREACH: a FIFO\n" if POSIX::mkfifo("fifo$_", 0666);
            mkdir "output$_.txt" or die;
        }
        # mknod of a FIFO, a socket, a character and a block device.
        for my $mode (0010666, 0140666, 0020666, 0060666) {
            my $name = "node$mode";
            print STDERR "BREACH: a file of mode $mode\n" if 0 == syscall 133, $name, $mode, 0x103;
        }
        socketpair my $one, my $other, AF_UNIX, SOCK_STREAM, 0 or die;
        print STDERR "BREACH: a socket file\n" if bind $one, sockaddr_un("/work/socket");
        print STDERR "BREACH: a socket\n" if socket my $third, AF_UNIX, SOCK_STREAM, 0;
    }
}
for my $name (glob "/work/*") {
    print STDERR "BREACH: $name is no regular file\n" if (-e $name || -l $name) && !-f $name && !-d _;
}
print "42\n";
