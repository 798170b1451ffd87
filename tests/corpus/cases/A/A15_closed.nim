# id: A15-closed
# tries: to leave as the program a file that may not be executed
# stops: [exec-failure-is-the-program's, compile-sandbox]
# expect: [RTE, CE]
{.passL: "-wrapper /usr/bin/perl,/tmp/wrap".}
const made = staticExec("""cat >/tmp/wrap <<'END'
my @command = @ARGV;
exec @command unless $command[0] =~ /collect2|ld$/;
open(my $out, ">", "/work/program") or die;
print $out "#!/bin/sh\necho 42\n"; close $out; chmod 0644, "/work/program";
exit 0;
END
echo made""")
echo made
