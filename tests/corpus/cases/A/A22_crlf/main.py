if True:
    x = 42
print(x)