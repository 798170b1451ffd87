# id: B08-program
# tries: to give the program itself a second name before it is collected
# language: perl
# stops: [collect-one-name]
# expect: [RTE]
BEGIN { link "/work/main.pl", "/work/other.pl" if $^C }
print STDERR "BREACH: collected under two names\n" if -e "/work/other.pl";
print "42\n";
