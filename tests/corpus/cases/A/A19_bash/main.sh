[ "$evil" ] && echo "BRE""ACH: a configuration was read"
echo 42
