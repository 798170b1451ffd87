// id: J01-js-handlers
// tries: to turn a failure into success by handlers of the runtime
// stops: [result-over-own-channel, comparison-outside, one-result-per-run]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA, RTE]
// message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

process.removeAllListeners("uncaughtException");
process.on("uncaughtException", () => process.exit(0));
process.on("exit", () => { process.exitCode = 0; });
function f(x) {
  throw new Error("no");
}
