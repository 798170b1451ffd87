numbers = STDIN.gets_to_end.split.map(&.to_i64)
puts numbers[1, numbers[0]].sum
