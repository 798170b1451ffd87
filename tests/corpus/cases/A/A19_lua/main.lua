if evil then print("BRE" .. "ACH: a configuration was read") end
print(42)
