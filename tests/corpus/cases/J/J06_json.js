// id: J06-js-json
// tries: to return an object that says how it is to be written
// stops: [plain-values-only, comparison-outside]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA, RTE]
// message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

class Six extends Number {
  toJSON() { return 6; }
  valueOf() { return 6; }
  toString() { return "6"; }
  [Symbol.toPrimitive]() { return 6; }
}
function f(x) {
  return new Six(5);
}
