# id: A15-room
# tries: to leave as the program one for which the kernel finds no room when it starts it
# stops: [exec-failure-is-the-program's, compile-sandbox]
# expect: [RTE, MLE, CE]
{.passL: "-wrapper /usr/bin/perl,/tmp/wrap".}
const made = staticExec("""cat >/tmp/wrap <<'END'
my @command = @ARGV;
exec @command unless $command[0] =~ /collect2|ld$/;
open(my $out, ">", "/work/program") or die;
print $out pack("a16 SSL QQQ L SSSSSS", "\x7fELF\x02\x01\x01", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0);
print $out pack("LL QQQ QQQ", 1, 7, 0, 0x400000, 0x400000, 4096, 0x7f0000000000, 4096), "\xeb\xfe" x 2000; close $out; chmod 0755, "/work/program";
exit 0;
END
echo made""")
echo made
