# id: J01-system-exit-import
# tries: to leave while it is loaded by an exception that means success
# stops: [result-over-own-channel, comparison-outside, one-result-per-run]
# limits: {memory_mib: 128}
# expect: [RTE, WA]
# message: {function: {name: f}, tests: [{id: "1", args: [3], returns: 6}]}

raise SystemExit
