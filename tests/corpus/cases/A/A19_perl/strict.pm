$main::evil = 1;
print STDERR "BRE", "ACH: loaded at the start\n";
1;
