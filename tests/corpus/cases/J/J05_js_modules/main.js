const PATTERN = new RegExp("quince" + "-[0-9]{5}-[a-z]{6}");
const fs = require("fs");
const first = (texts) => {
  for (const text of texts) {
    const found = PATTERN.exec(text);
    if (found) {
      console.log("BRE" + "ACH: " + found[0]);
      return found[0];
    }
  }
  return "nothing";
};
function f(x) {
  const texts = [];
  const seen = new Set();
  const look = (value, depth) => {
    if (typeof value === "string") texts.push(value);
    if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value) || depth > 6) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) {
      try {
        look(value[key], depth + 1);
      } catch {
        // A getter that refuses.
      }
    }
  };
  look([globalThis, process, require, module, require.cache], 0);
  return first(texts);
}
