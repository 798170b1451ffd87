numbers = $stdin.read.split.map(&:to_i)
puts numbers[1, numbers[0]].sum
