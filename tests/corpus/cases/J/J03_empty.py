# id: J03-empty
# tries: to have no function to be tested
# stops: [every-test-counts]
# limits: {memory_mib: 128}
# expect: [RTE]
# message: {function: {name: f}, tests: [{id: "1", args: [1], returns: 1}, {id: "2", args: [2], returns: 2}, {id: "3", args: [3], returns: 3}]}

print("Ran 0 tests in 0.000s\n\nOK")
