use strict;
use warnings;

# When it is compiled and when it is run.
BEGIN {
    my $trap = "#!/bin/sh\necho BREACH: a planted program runs >&2\n";
    for my $place (qw(/work /tmp /dev/shm /usr/local/bin /usr/local/sbin /var/tmp /tmp/.local/bin /tmp/bin /usr/bin)) {
        mkdir $place;
        for my $name (qw(sh bash env id gcc as ld cc1 collect2 python3 perl diff cat ls)) {
            # Never over what is there already.
            next if -e "$place/$name";
            open my $file, ">", "$place/$name" or next;
            print $file $trap;
            close $file;
            chmod 0755, "$place/$name";
        }
    }
    my $library = "print STDERR 'BREACH: a planted module', \"\\n\"; 1;";
    for my $place (qw(/work /tmp /usr/local/lib/site_perl /etc/perl /usr/share/perl5)) {
        for my $name (qw(sitecustomize.pl strict.pm AssayCorpus.pm)) {
            next if -e "$place/$name" || $place eq "/work";
            open my $file, ">", "$place/$name" or next;
            print $file $library;
        }
    }
    for my $place (qw(/work /tmp /usr/lib/python3/dist-packages /usr/local/lib/python3.11/dist-packages /tmp/.local/lib/python3.11/site-packages)) {
        system "mkdir", "-p", $place;
        for my $name (qw(sitecustomize.py usercustomize.py json.py assay_corpus.pth)) {
            next if -e "$place/$name";
            open my $file, ">", "$place/$name" or next;
            print $file "import sys; sys.stderr.write('BREACH: a planted module\\n')\n";
        }
    }
    for my $name (qw(/tmp/.bashrc /tmp/.profile /tmp/.bash_profile /tmp/.perlrc /tmp/.pythonrc /tmp/.gdbinit /etc/ld.so.preload /etc/profile /etc/bash.bashrc)) {
        next if -e $name;
        open my $file, ">", $name or next;
        print $file "echo BREACH: a planted start-up file >&2\n";
    }
}
print "42\n";
