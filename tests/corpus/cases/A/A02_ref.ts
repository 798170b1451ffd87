// id: A02-typescript
// tries: to have files of the host read as declarations and as data, and named in the messages
// stops: [own-root, compile-sandbox]
// language: typescript
// limits: {memory_mib: 256}
// expect: [CE]
// reason: the compiler refused it

/// <reference path="@CANARY_DIR@/secret644" />
/// <reference path="/etc/passwd" />
import data = require("@CANARY_DIR@/secret600");
console.log("BRE" + "ACH: " + JSON.stringify(data));
console.log("42");
