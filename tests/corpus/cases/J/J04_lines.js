// id: J04-js
// tries: to write results on every descriptor, with and without the word of the run
// stops: [result-over-own-channel, comparison-outside, one-result-per-run, nonce]
// limits: {memory_mib: 256, pids: 32}
// expect: [WA, RTE]
// message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

const { writeSync } = require("fs");
function f(x) {
  for (let fd = 1; fd < 64; fd += 1) {
    for (const text of ['{"value":6}\n', '{"nonce":"","value":6}\n', "6\n"]) {
      try {
        writeSync(fd, text);
      } catch {
        // It is not open, or not for writing.
      }
    }
  }
  process.reallyExit(0);
}
