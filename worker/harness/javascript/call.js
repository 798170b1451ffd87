// Calls a function of a submission: docs/functions.md has the table of values. Standard output is the submission's and ends in
// standard error; descriptor 3 is where the result goes. What is used here is taken before any other code runs.
"use strict";
(() => {
  const fs = require("fs");
  const path = require("path");
  const { Module, createRequire } = require("module");
  const { pathToFileURL } = require("url");
  const vm = require("vm");
  const { closeSync, openSync, readFileSync, writeSync } = fs;
  const { apply, getPrototypeOf, ownKeys } = Reflect;
  const { isArray } = Array;
  const { isInteger } = Number;
  const { stringify } = JSON;
  const exit = process.reallyExit.bind(process);
  const bind = (method) => (self, ...args) => apply(method, self, args);
  const forEachOfMap = bind(Map.prototype.forEach);
  const forEachOfSet = bind(Set.prototype.forEach);
  const base64 = bind(Buffer.prototype.toString);
  const digits = bind(BigInt.prototype.toString);
  const isWellFormed = bind(RegExp.prototype.test);
  const slice = bind(String.prototype.slice);
  const replace = bind(String.prototype.replace);
  const { prototype: ofObject } = Object;
  const { prototype: ofArray } = Array;
  const { prototype: ofMap } = Map;
  const { prototype: ofSet } = Set;
  const { prototype: ofBytes } = Uint8Array;
  const { prototype: ofBuffer } = Buffer;
  const { prototype: ofPromise } = Promise;
  const toBuffer = Buffer.from;
  const toText = String;
  const halfSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
  const halfSurrogates = new RegExp(halfSurrogate, "g");
  const whiteSpace = /\s+/g;
  const deepest = 40;

  class Unsupported extends Error {}

  const request = JSON.parse(readFileSync(0, "utf8"));
  closeSync(0);
  openSync("/dev/null", "r");

  // The value that JSON with tags stands for.
  function valueOf(json) {
    if (isArray(json)) return json.map(valueOf);
    if (json === null || typeof json !== "object") return json;
    const keys = Object.keys(json);
    const [tag] = keys;
    if (keys.length !== 1 || !tag.startsWith("$")) {
      return Object.fromEntries(keys.map((key) => [key, valueOf(json[key])]));
    }
    const content = json[tag];
    switch (tag) {
      case "$tuple": return content.map(valueOf);
      case "$set":
      case "$frozenset": return new Set(content.map(valueOf));
      case "$dict": return new Map(content.map(([key, value]) => [valueOf(key), valueOf(value)]));
      case "$int": return BigInt(content);
      case "$float": return { nan: NaN, inf: Infinity, "-inf": -Infinity }[content];
      case "$bytes": return new Uint8Array(Buffer.from(content, "base64"));
      default: throw new TypeError(`JavaScript has no value for ${tag}`);
    }
  }

  // JSON with tags of a value, which counts by what it is and not by what it says it is.
  function textOf(value, depth) {
    if (value === null || value === undefined) return "null";
    switch (typeof value) {
      case "boolean": return value ? "true" : "false";
      case "number":
        if (value !== value) return '{"$float":"nan"}';
        if (value === Infinity) return '{"$float":"inf"}';
        if (value === -Infinity) return '{"$float":"-inf"}';
        return isInteger(value) && value === 0 ? "0" : stringify(value);
      case "bigint": return '{"$int":"' + digits(value) + '"}';
      case "string":
        if (isWellFormed(halfSurrogate, value)) throw new Unsupported("a string with half a surrogate pair");
        return stringify(value);
      case "object": break;
      default: throw new Unsupported("a " + typeof value);
    }
    if (depth > deepest) throw new Unsupported("a value that is nested more than " + deepest + " deep");
    const prototype = getPrototypeOf(value);
    let text = "";
    const add = (item) => { text += (text === "" ? "" : ",") + item; };
    if (isArray(value) && prototype === ofArray) {
      for (let index = 0; index < value.length; index += 1) add(textOf(value[index], depth + 1));
      return "[" + text + "]";
    }
    if (prototype === ofMap) {
      forEachOfMap(value, (item, key) => add("[" + textOf(key, depth + 1) + "," + textOf(item, depth + 1) + "]"));
      return '{"$dict":[' + text + "]}";
    }
    if (prototype === ofSet) {
      forEachOfSet(value, (item) => add(textOf(item, depth + 1)));
      return '{"$set":[' + text + "]}";
    }
    if (prototype === ofBytes || prototype === ofBuffer) {
      return '{"$bytes":"' + base64(toBuffer(value), "base64") + '"}';
    }
    if (prototype === ofObject || prototype === null) {
      const keys = ownKeys(value);
      for (let index = 0; index < keys.length; index += 1) {
        const key = keys[index];
        if (typeof key !== "string") throw new Unsupported("an object with a symbol");
        add("[" + textOf(key, depth + 1) + "," + textOf(value[key], depth + 1) + "]");
      }
      return '{"$dict":[' + text + "]}";
    }
    throw new Unsupported("an object of a class");
  }

  function finish(said, code) {
    const data = toBuffer('{"nonce":"' + request.nonce + '",' + said + "}\n");
    for (let sent = 0; sent < data.length;) sent += writeSync(3, data, sent);
    exit(code);
  }

  function raised(error) {
    let said = "an exception";
    try {
      said = replace(toText(error), halfSurrogates, "?");
      writeSync(2, toText((error && error.stack) || error) + "\n");
    } catch {
      // It cannot be shown.
    }
    said = slice(replace(said, whiteSpace, " "), 0, 300);
    finish('"raised":' + stringify(said), 1);
  }

  function returned(value) {
    let said;
    try {
      said = '"value":' + textOf(value, 1);
    } catch (error) {
      if (!(error instanceof Unsupported)) return raised(error);
      said = '"unsupported":' + stringify(error.message);
    }
    return finish(said, 0);
  }

  // What the main file exports by that name, or what its outermost level has by it.
  async function load(file, name) {
    if (file.endsWith(".mjs")) return (await import(pathToFileURL(file)))[name];
    const module = new Module(file, null);
    module.filename = file;
    module.paths = Module._nodeModulePaths(path.dirname(file));
    const source = readFileSync(file, "utf8").replace(/^#!.*/, "");
    const tail = `\n;return typeof ${name} === "undefined" ? undefined : ${name};\n})`;
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}${tail}`;
    const run = vm.runInThisContext(wrapped, { filename: file });
    const own = run.call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file));
    const exported = module.exports;
    if (exported && Object.hasOwn(Object(exported), name)) return exported[name];
    return own;
  }

  process.argv = [process.argv[0], request.main];
  process.on("uncaughtException", raised);
  load(request.main, request.function).then(async (callee) => {
    if (typeof callee !== "function") throw new ReferenceError(`the program has no function '${request.function}'`);
    let value = apply(callee, undefined, request.args.map(valueOf));
    if (typeof value === "object" && value !== null && getPrototypeOf(value) === ofPromise) value = await value;
    returned(value);
  }).catch(raised);
})();
