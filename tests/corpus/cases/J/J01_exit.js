// id: J01-js-exit
// tries: to end with success before there is a result
// stops: [result-over-own-channel, comparison-outside, one-result-per-run]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA, RTE]
// message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

function f(x) {
  process.reallyExit(0);
}
