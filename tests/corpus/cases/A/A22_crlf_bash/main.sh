echo 42
