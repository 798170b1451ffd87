// id: J06-js
// tries: to return an object that answers whatever it is asked
// stops: [plain-values-only, comparison-outside]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA, RTE]
// message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

function f(x) {
  const six = () => 6;
  return new Proxy([5], {
    get: (target, name) => (name === "length" ? 1 : name === "toJSON" ? six : 6),
    getPrototypeOf: () => Number.prototype,
    has: () => true,
    ownKeys: () => ["length"],
  });
}
