# id: A15-circle
# tries: to leave as the program a script that is its own interpreter
# stops: [exec-failure-is-the-program's, compile-sandbox]
# expect: [RTE, CE]
{.passL: "-wrapper /usr/bin/perl,/tmp/wrap".}
const made = staticExec("""cat >/tmp/wrap <<'END'
my @command = @ARGV;
exec @command unless $command[0] =~ /collect2|ld$/;
open(my $out, ">", "/work/program") or die;
print $out "#!/work/program\n"; close $out; chmod 0755, "/work/program";
exit 0;
END
echo made""")
echo made
