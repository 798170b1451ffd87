print "BRE", "ACH: a configuration was read\n" if $main::evil;
use strict;
use warnings;
print "42\n";
