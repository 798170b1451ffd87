numbers <- scan(file("stdin"), quiet = TRUE)
cat(sum(numbers[seq_len(numbers[1]) + 1]), "\n", sep = "")
