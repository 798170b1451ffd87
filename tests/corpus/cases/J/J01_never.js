// id: J01-js-never
// tries: to end because nothing is left to do while the result is still promised
// stops: [result-over-own-channel, comparison-outside, one-result-per-run]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA, RTE]
// message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

function f(x) {
  return new Promise(() => {});
}
