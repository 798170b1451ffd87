set numbers [split [string trim [read stdin]]]
set sum 0
foreach x [lrange $numbers 1 [lindex $numbers 0]] {
    incr sum $x
}
puts $sum
