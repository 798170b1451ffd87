print("%s%n%x\n\x00")
