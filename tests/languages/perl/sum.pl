use strict;
use warnings;

my ($n, @x) = split " ", do { local $/; <STDIN> };
my $sum = 0;
$sum += $_ for @x[0 .. $n - 1];
print "$sum\n";
