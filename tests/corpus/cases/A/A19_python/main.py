import sys
print("BRE" + "ACH: a configuration was read" if hasattr(sys, "evil") else "", end="")
print(42)
