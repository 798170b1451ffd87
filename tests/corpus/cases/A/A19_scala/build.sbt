scalacOptions += "-Devil=1"
