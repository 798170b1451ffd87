if (exists("evil")) cat(paste0("BRE", "ACH: a configuration was read\n"))
cat("42\n")
