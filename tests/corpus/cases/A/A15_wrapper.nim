# id: A15-nim
# tries: to link by a script of its own, which leaves a link to a file of the host as the program
# stops: [openat2-beneath, collect-after-kill, regular-files-only]
# expect: [CE]
# reason: the compiler made no program of it
{.passL: "-wrapper /usr/bin/perl,/tmp/wrap".}
const made = staticExec("""cat >/tmp/wrap <<'END'
my @command = @ARGV;
my ($at) = grep { $command[$_] eq "-o" } 0 .. $#command;
if ($command[0] =~ /collect2|ld/) { symlink("@CANARY_DIR@/secret644", "/work/program"); exit 0; }
exec @command;
END
echo made""")
echo made
echo "42"
