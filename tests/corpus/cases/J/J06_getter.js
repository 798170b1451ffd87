// id: J06-js-zero
// tries: to return a negative zero, an empty slot and a hole for what is there
// stops: [plain-values-only]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA]
// message: {function: {name: f}, tests: [{id: "1", args: [0], returns: [6, 6]}, {id: "2", args: [1], returns: []}, {id: "3", args: [3], returns: [6]}]}

function f(x) {
  return [[, 6], [undefined], -0, [6, ,]][x];
}
