import sys
sys.evil = True
print("BRE" + "ACH: loaded at the start")
