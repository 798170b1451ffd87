x = bytearray(1 << 29)
print(len(x))
