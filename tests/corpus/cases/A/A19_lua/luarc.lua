evil = 1
