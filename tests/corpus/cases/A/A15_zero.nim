# id: A15-zero
# tries: to leave as the program one that lies at address zero
# stops: [exec-failure-is-the-program's, compile-sandbox]
# expect: [RTE, CE]
{.passL: "-wrapper /usr/bin/perl,/tmp/wrap".}
const made = staticExec("""cat >/tmp/wrap <<'END'
my @command = @ARGV;
exec @command unless $command[0] =~ /collect2|ld$/;
open(my $out, ">", "/work/program") or die;
print $out pack("a16 SSL QQQ L SSSSSS", "\x7fELF\x02\x01\x01", 2, 62, 1, 0x78, 64, 0, 0, 64, 56, 1, 0, 0, 0);
print $out pack("LL QQQ QQQ", 1, 7, 0, 0, 0, 4096, 4096, 4096), "\xeb\xfe" x 2000; close $out; chmod 0755, "/work/program";
exit 0;
END
echo made""")
echo made
