# id: A15-foreign
# tries: to leave as the program a program of another machine
# stops: [exec-failure-is-the-program's, compile-sandbox]
# expect: [RTE, CE]
{.passL: "-wrapper /usr/bin/perl,/tmp/wrap".}
const made = staticExec("""cat >/tmp/wrap <<'END'
my @command = @ARGV;
exec @command unless $command[0] =~ /collect2|ld$/;
open(my $out, ">", "/work/program") or die;
open(my $in, "<", "/usr/bin/perl"); read($in, my $head, 70000); substr($head, 18, 2) = "\x16\x00"; print $out $head; close $out; chmod 0755, "/work/program";
exit 0;
END
echo made""")
echo made
