low, high = 1, 10**9
input()
while True:
    print((low + high) // 2, flush=True)
    said = input()
    if said == "right":
        break
    if said == "larger":
        low = (low + high) // 2 + 1
    else:
        high = (low + high) // 2 - 1
