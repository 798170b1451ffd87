echo "BRE" & "ACH: another library"
