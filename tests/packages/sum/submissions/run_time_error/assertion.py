a, b = map(int, input().split())
assert b > 0
print(a + b)
