print(6 * int(input()))
