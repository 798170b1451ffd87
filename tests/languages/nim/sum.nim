import std/[sequtils, strutils]

let numbers = stdin.readAll.splitWhitespace.map(parseBiggestInt)
var sum = 0'i64
for x in numbers[1 .. numbers[0]]:
  sum += x
echo sum
