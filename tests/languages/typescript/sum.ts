import * as fs from "fs";

const numbers: number[] = fs.readFileSync(0, "utf8").split(/\s+/).map(Number);
let sum = 0;
for (const x of numbers.slice(1, numbers[0] + 1)) sum += x;
console.log(sum);
