const numbers = require("fs").readFileSync(0, "utf8").split(/\s+/).map(Number);
let sum = 0;
for (let i = 1; i <= numbers[0]; i++) sum += numbers[i];
console.log(sum);
