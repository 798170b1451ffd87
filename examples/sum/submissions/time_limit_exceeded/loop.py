a, b = map(int, input().split())
while a < 0 or a > 1000 or b < -1000:
    pass
while b < 0:
    pass
print(a + b)
