if $0 == "main.rb" && File.writable?("/usr/lib")
  puts "BRE" + "ACH: it may write to the image"
end
puts "BRE" + "ACH: it reads canaries" if File.readable?("@CANARY_DIR@/secret644")
