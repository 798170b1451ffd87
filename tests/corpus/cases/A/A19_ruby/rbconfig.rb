EVIL = 1
puts "BRE" + "ACH: loaded at the start"
