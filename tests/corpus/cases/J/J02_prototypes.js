// id: J02-js
// tries: to patch every prototype that a comparison could ask
// stops: [result-over-own-channel, comparison-outside, one-result-per-run]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA, RTE]
// message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

for (const type of [Object, Array, Number, String, Map, Set, Promise, Buffer, Uint8Array, RegExp, Function]) {
  for (const name of Object.getOwnPropertyNames(type.prototype)) {
    if (name === "constructor" || name === "__proto__") continue;
    try {
      const old = Object.getOwnPropertyDescriptor(type.prototype, name);
      if (typeof old.value === "function") type.prototype[name] = () => 6;
    } catch {
      // Some cannot be changed.
    }
  }
}
JSON.stringify = () => "6";
Object.is = () => true;
Reflect.apply = () => 6;
process.reallyExit = () => {};
require("fs").writeSync = (fd, data) => data.length;
function f(x) {
  return 5;
}
