switch("define", "evil")
echo "BRE" & "ACH: a script ran"
