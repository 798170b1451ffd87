puts "BRE" + "ACH: a configuration was read" if defined?(EVIL)
puts 42
