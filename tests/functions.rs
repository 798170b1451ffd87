//! Tests that call a function, through the real binary: what is right, and what tries to seem so.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(arguments)
            .env("ASSAY_STORE", self.dir.path().join("store.sqlite"))
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts")
    }

    /// The results of submissions, in their order.
    fn grade(&self, submissions: &[Value]) -> Vec<Value> {
        let lines: Vec<_> = submissions.iter().map(Value::to_string).collect();
        let path = self.write("batch.jsonl", &lines.join("\n"));
        let output = self.run(&["grade", "--json", &path.display().to_string()]);
        let mut results = lines_of(&output);
        assert_eq!(results.len(), submissions.len() + 1, "{}", stderr(&output));
        results.pop();
        results
    }
}

fn lines_of(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A Python program whose function `f` is called with each of `args`.
fn submission(id: usize, text: &str, tests: &[(Value, Value)]) -> Value {
    let tests: Vec<_> = tests
        .iter()
        .enumerate()
        .map(|(number, (args, returns))| json!({"id": format!("t{number}"), "args": args, "returns": returns}))
        .collect();
    json!({"version": 1, "submission_id": format!("00000000-0000-4000-8000-{id:012}"), "language": "python3",
        "files": [{"name": "main.py", "text": text}], "function": {"name": "f"}, "tests": tests, "stop": "never",
        "limits": {"cpu_ms": 4000, "memory_bytes": 512 << 20}})
}

/// Grades programs with one test each: `f(3)` should be `6`. Returns verdicts and reasons.
fn doubled(programs: &[&str]) -> Vec<(String, String)> {
    let all: Vec<_> =
        programs.iter().enumerate().map(|(id, text)| submission(id, text, &[(json!([3]), json!(6))])).collect();
    Bench::new().grade(&all).iter().map(told).collect()
}

fn told(result: &Value) -> (String, String) {
    let text = |field: &str| result[field].as_str().unwrap_or("none").to_owned();
    (text("verdict"), text("reason"))
}

/// All programs fail, with one of these verdicts.
fn none_is_accepted(programs: &[&str], verdicts: &[&str]) {
    for (program, (verdict, reason)) in programs.iter().zip(doubled(programs)) {
        assert!(verdicts.contains(&verdict.as_str()), "{verdict} {reason}: {program}");
        assert!(!reason.is_empty(), "{program}");
    }
}

#[test]
fn a_function_is_called_and_its_value_compared() {
    let echo = "def f(*args, **kwargs):\n    return [type(a).__name__ for a in args] + [args, kwargs]\n";
    let args = json!([null, true, 1, 1.5, "ä\n\"", [1], {"a": 1}, {"$tuple": [1]}, {"$set": [1, {"$frozenset": [2]}]},
        {"$dict": [[1, 2], [{"$tuple": [1]}, 3]]}, {"$float": "nan"}, {"$float": "-inf"}, {"$bytes": "AP8="},
        {"$complex": [1.0, 2.0]}, {"$int": "123456789012345678901234567890"}]);
    let names = [
        "NoneType", "bool", "int", "float", "str", "list", "dict", "tuple", "set", "dict", "float", "float", "bytes",
        "complex", "int",
    ];
    let mut returned: Vec<Value> = names.iter().map(|name| json!(name)).collect();
    returned.extend([json!({"$tuple": args.clone()}), json!({"k": {"$set": []}})]);
    let mut all = submission(1, echo, &[(args, json!(returned))]);
    all["tests"][0]["kwargs"] = json!({"k": {"$set": []}});
    let huge = format!("1{}", "0".repeat(10_000));
    let big = submission(
        2,
        "def f(n): return n + 1",
        &[(json!([{"$int": huge}]), json!({"$int": format!("{}1", &huge[..10_000])}))],
    );
    let nothing = submission(3, "def f(x): pass", &[(json!([1]), Value::Null)]);
    let containers = submission(
        4,
        "import collections as c\ndef f(x):\n    d = c.defaultdict(list)\n    d['a'].append(1)\n    return [c.Counter(x), d, c.OrderedDict(b=1)]",
        &[(json!(["aab"]), json!([{"a": 2, "b": 1}, {"a": [1]}, {"b": 1}]))],
    );
    let mut near = submission(5, "def f(x): return {'a': [0.1 + 0.2]}", &[(json!([1]), json!({"a": [0.3]}))]);
    let exact = submission(6, "def f(x): return {'a': [0.1 + 0.2]}", &[(json!([1]), json!({"a": [0.3]}))]);
    near["checker"] = json!({"float_absolute": 1e-9});
    let results = Bench::new().grade(&[all, big, nothing, containers, near, exact]);
    for result in &results[..5] {
        assert_eq!(result["verdict"], "AC", "{}", result["reason"]);
    }
    assert_eq!(results[5]["reason"], "test t0: result['a'][0]: expected 0.3, got 0.30000000000000004");
}

#[test]
fn what_the_program_prints_reads_and_starts_disturbs_nothing() {
    let verdicts = doubled(&[
        "print('at import')\ndef f(x):\n    print('PASSED', flush=True)\n    return 2 * x\nprint('x' * 20_000_000)",
        "import sys\nsys.stdout.write('no end of line')\ndef f(x):\n    sys.stdout.close()\n    sys.stderr.close()\n    return 2 * x",
        "def f(x):\n    try:\n        input()\n    except EOFError:\n        return 2 * x",
        "import sys\ndef f(x): return 2 * x + len(sys.stdin.read())",
        "import os\ndef f(x):\n    os.system('echo 5')\n    os.fork()\n    return 2 * x",
        "import threading, time\nthreading.Thread(target=time.sleep, args=[100]).start()\ndef f(x): return 2 * x",
        "def f(x): return 2 * x\nif __name__ == '__main__':\n    raise SystemExit(f(int(input())))",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\ndef f(x): return P(2 * x).x",
        "import atexit, os\natexit.register(os._exit, 1)\ndef f(x): return 2 * x",
    ]);
    for (verdict, reason) in verdicts {
        assert_eq!(verdict, "AC", "{reason}");
    }
}

#[test]
fn failures_are_named() {
    let told = doubled(&[
        "def f(x):\n    raise ValueError('not\\n' + str(x))",
        "def g(x): return 6",
        "raise ImportError('no such thing')",
        "def f(): return 6",
        "def f(x): return f(x)",
        "def f(:",
        "def f(x):\n    while True: pass",
        "async def f(x): return 6",
        "def f(x):\n    yield 6",
        "def f(x):\n    a = []\n    a.append(a)\n    return a",
        "def f(x): return '6'",
    ]);
    let expected = [
        ("RTE", "exit code 1: ValueError: not 3"),
        ("RTE", "NameError: the program has no function 'f'"),
        ("RTE", "ImportError: no such thing"),
        ("RTE", "TypeError: f() takes 0"),
        ("RTE", "RecursionError"),
        ("CE", "the compiler refused it"),
        ("TLE", "CPU time"),
        ("WA", "no plain value: the type coroutine"),
        ("WA", "no plain value: the type generator"),
        ("WA", "nested more than 40 deep"),
        ("WA", "result: expected 6 (int), got '6' (str)"),
    ];
    for ((verdict, reason), (wanted, part)) in told.iter().zip(expected) {
        assert!(verdict == wanted && reason.contains(part), "{wanted} {part}: {verdict} {reason}");
    }
}

#[test]
fn ending_early_is_no_success() {
    none_is_accepted(
        &[
            "import os\ndef f(x): os._exit(0)",
            "import os\nos._exit(0)",
            "import sys\ndef f(x): sys.exit(0)",
            "raise SystemExit",
            "import atexit, os\natexit.register(os._exit, 0)\ndef f(x): raise ValueError",
            "import atexit, os, sys\natexit.register(os._exit, 0)\ndef f(x): sys.exit()",
            "import os, signal\ndef f(x): os.kill(os.getpid(), signal.SIGTERM)",
            "import os\ndef f(x): os.execv('/bin/true', ['true'])",
            "import os, threading\nthreading.Timer(0.05, os._exit, [0]).start()\ndef f(x):\n    while True: pass",
            "import os, sys\nsys.excepthook = lambda *a: os._exit(0)\ndef f(x): raise ValueError",
        ],
        &["WA", "RTE"],
    );
}

#[test]
fn patching_the_interpreter_makes_nothing_right() {
    none_is_accepted(
        &[
            "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\nunittest.TestCase.run = lambda *a: None\ndef f(x): return 5",
            "import builtins\nfor name in ['type', 'isinstance', 'len', 'all', 'str', 'repr', 'print', 'compile', 'open']:\n    setattr(builtins, name, lambda *a, **k: 6)\ndef f(x): return 5",
            "import json\njson.dumps = json.loads = lambda *a, **k: 6\njson.encoder.encode_basestring_ascii = lambda s: '6'\ndef f(x): return 5",
            "import os\nos.write = os.dup = lambda *a: 1\nos._exit = lambda *a: None\ndef f(x): return 5",
            "import sys\nfor module in list(sys.modules.values()):\n    for name in list(vars(module)):\n        if 'equal' in name.lower():\n            setattr(module, name, lambda *a: True)\ndef f(x): return 5",
            // The caller's own names, found by its frame.
            "import sys\ndef f(x):\n    names = sys._getframe(1).f_globals\n    names['_encode'] = lambda value: '{}'\n    return 5",
        ],
        &["WA", "RTE"],
    );
}

#[test]
fn a_result_less_is_a_test_less() {
    let text = "import os\ndef f(x):\n    if x == 2: os._exit(0)\n    return x";
    let tests = [1, 2, 3].map(|x| (json!([x]), json!(x)));
    let result = &Bench::new().grade(&[submission(1, text, &tests)])[0];
    let verdicts: Vec<_> = result["tests"].as_array().expect("tests").iter().map(|test| &test["verdict"]).collect();
    assert_eq!(verdicts, ["AC", "WA", "AC"]);
    assert_eq!(result["verdict"], "WA");
    assert!(told(result).1.contains("ended before the function returned"), "{result}");
}

#[test]
fn forged_results_are_none() {
    let every = "import os\ndef put(text):\n    for fd in range(3, 20):\n        try: os.write(fd, text)\n        except OSError: pass\n";
    let with = |rest: &str| format!("{every}{rest}");
    let programs = [
        "print('PASSED')\nprint('{\"value\": 6}')\ndef f(x): return 5".to_owned(),
        // A guess on the right descriptor without the word of the run, before or instead of a result.
        with("def f(x):\n    put(b'{\"value\":6}\\n')\n    os._exit(0)"),
        with("def f(x):\n    put(b'{\"nonce\":\"0\",\"value\":6}\\n')\n    os._exit(0)"),
        with("def f(x):\n    put(b'6\\n')\n    return 6"),
        with("def f(x):\n    put(b'PASSED\\n')\n    return 6"),
        // With the word, taken from the caller: a second result is one too many, and a verdict is none.
        with(
            "import sys\ndef f(x):\n    nonce = sys._getframe(1).f_locals['nonce']\n    for value in range(9):\n        put(('{\"nonce\":\"%s\",\"value\":%d}\\n' % (nonce, value)).encode())\n    return 6",
        ),
        with(
            "import sys\ndef f(x):\n    nonce = sys._getframe(1).f_locals['nonce']\n    put(('{\"nonce\":\"%s\",\"passed\":true}\\n' % nonce).encode())\n    os._exit(0)",
        ),
        with(
            "import sys\ndef f(x):\n    nonce = sys._getframe(1).f_locals['nonce']\n    put(('{\"nonce\":\"%s\",\"raised\":\"x\"}\\n' % nonce).encode())\n    os._exit(0)",
        ),
    ];
    none_is_accepted(&programs.each_ref().map(String::as_str), &["WA"]);
}

#[test]
fn the_expected_value_is_nowhere_to_be_found() {
    // Each looks for what the test expects, whose form is known, and returns it.
    let head = "import re\npattern = re.compile('zebra' + '-[0-9]{4}-[a-z]{4}')\ndef first(texts):\n    for text in texts:\n        found = pattern.search(text)\n        if found: return found[0]\n    return 'nothing'\n";
    let searches = [
        "import gc\ndef f(x): return first(repr(o)[:100000] for o in gc.get_objects())",
        "import inspect\ndef f(x): return first(repr((i.frame.f_locals, i.frame.f_globals)) for i in inspect.stack())",
        "import sys\ndef f(x): return first(repr(vars(m)) for m in list(sys.modules.values()) if hasattr(m, '__dict__'))",
        "import os, sys\ndef f(x): return first([repr(sys.argv), repr(os.environ), open('/proc/self/cmdline').read(), open('/proc/self/environ').read()])",
        "import os\ndef read(p):\n    try:\n        with open(p, 'rb') as o: return o.read(1 << 20).decode('latin-1')\n    except OSError: return ''\ndef f(x):\n    return first(read(os.path.join(d, n)) for top in ['/work', '/tmp', '/dev/shm', '/proc/self/fd'] for d, _, ns in os.walk(top) for n in ns)",
        "import os\ndef f(x):\n    os.lseek(0, 0, 0) if os.path.isfile('/proc/self/fd/0') else None\n    return first([os.read(0, 1 << 20).decode('latin-1')])",
        "def f(x):\n    texts = []\n    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as mem:\n        for line in maps:\n            if ' rw' in line and 'vsyscall' not in line:\n                a, b = [int(n, 16) for n in line.split()[0].split('-')]\n                try:\n                    mem.seek(a)\n                    texts.append(mem.read(b - a).decode('latin-1'))\n                except (OSError, ValueError, OverflowError): pass\n    assert texts\n    return first(texts)",
    ];
    let expected = "zebra-4711-lion";
    let programs: Vec<_> = searches
        .iter()
        .enumerate()
        .map(|(id, search)| submission(id, &format!("{head}{search}"), &[(json!([3]), json!(expected))]))
        .collect();
    for (search, result) in searches.iter().zip(Bench::new().grade(&programs)) {
        assert_eq!(result["verdict"], "WA", "{search}: {result}");
        assert!(told(&result).1.contains("got 'nothing'"), "{search}: {result}");
    }
    // The searches do find what is there: an argument.
    let control: Vec<_> = [0, 1, 6]
        .map(|at| submission(at, &format!("{head}{}", searches[at]), &[(json!([expected]), json!(expected))]))
        .into();
    for result in Bench::new().grade(&control) {
        assert_eq!(result["verdict"], "AC", "{result}");
    }
}

#[test]
fn objects_that_claim_to_be_equal_are_not() {
    none_is_accepted(
        &[
            "class Any:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    def __hash__(self): return 6\ndef f(x): return Any()",
            "class Any(int):\n    def __eq__(self, other): return True\n    def __repr__(self): return '6'\n    __str__ = __repr__\n    __hash__ = int.__hash__\ndef f(x): return Any(5)",
            "class Any(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\ndef f(x): return Any('6')",
            "class Any(float):\n    def __eq__(self, other): return True\n    def __repr__(self): return '6'\n    __hash__ = None\ndef f(x): return Any(5)",
            "class Any(list):\n    def __eq__(self, other): return True\n    __hash__ = None\ndef f(x): return Any()",
            "class Meta(type):\n    def __eq__(self, other): return True\n    def __hash__(self): return hash(int)\n    def __getattribute__(self, name): return 'int' if name == '__qualname__' else type.__getattribute__(self, name)\nclass Any(metaclass=Meta):\n    __class__ = int\n    def __repr__(self): return '6'\ndef f(x): return Any()",
            "from unittest.mock import ANY\ndef f(x): return ANY",
            "def f(x): return float('nan')",
            "import decimal\ndef f(x): return decimal.Decimal('sNaN')",
            "def f(x): return [6]",
        ],
        &["WA"],
    );
    // Not even in a container, and not-a-number is only itself.
    let text = "class Any:\n    def __eq__(self, other): return True\n    __hash__ = None\ndef f(x): return [[Any()], {'a': Any()}, float('nan')][x]";
    let tests = [
        (json!([0]), json!([1])),
        (json!([1]), json!({"a": 1})),
        (json!([2]), json!(1.0)),
        (json!([2]), json!({"$float": "nan"})),
    ];
    let result = &Bench::new().grade(&[submission(1, text, &tests)])[0];
    let verdicts: Vec<_> = result["tests"].as_array().expect("tests").iter().map(|test| &test["verdict"]).collect();
    assert_eq!(verdicts, ["WA", "WA", "WA", "AC"]);
}

#[test]
fn files_that_configure_the_interpreter_are_not_read() {
    let evil = "import os\nos.write(1, b'{\"value\": 6}\\n')\nos._exit(0)\n";
    let names = [
        "sitecustomize.py",
        "usercustomize.py",
        "conftest.py",
        "json.py",
        "os.py",
        "base64.py",
        "collections.py",
        "sys.py",
        "encodings/__init__.py",
        "re.py",
        "site.py",
        "values.py",
        "call.py",
        "harness.py",
        "assay/harness.py",
    ];
    let mut one = submission(1, "def f(x): return 2 * x", &[(json!([3]), json!(6))]);
    let mut two = submission(2, "import json\ndef f(x): return json.loads('6')", &[(json!([3]), json!(6))]);
    for message in [&mut one, &mut two] {
        let files = message["files"].as_array_mut().expect("files");
        files.extend(names.iter().map(|name| json!({"name": name, "text": evil})));
        files.push(json!({"name": "pytest.ini", "text": "[pytest]\naddopts = --collect-only\n"}));
        files.push(json!({"name": "pyvenv.cfg", "text": "home = /work\n"}));
    }
    // Its own modules are its own, and found.
    let mut own = submission(3, "from helper import double as f", &[(json!([3]), json!(6))]);
    own["files"]
        .as_array_mut()
        .expect("files")
        .push(json!({"name": "helper.py", "text": "def double(x): return 2 * x"}));
    let mut elsewhere = submission(4, "raise ValueError", &[(json!([3]), json!(6))]);
    elsewhere["files"]
        .as_array_mut()
        .expect("files")
        .push(json!({"name": "pkg/solve.py", "text": "def f(x): return 6"}));
    elsewhere["entry_point"] = json!("pkg/solve.py");
    let mut hidden = submission(5, "def f(x): return 6", &[(json!([3]), json!(6))]);
    hidden["files"].as_array_mut().expect("files").push(json!({"name": ".assay/harness", "text": "print(6)"}));
    let results = Bench::new().grade(&[one, two, own, elsewhere, hidden]);
    for result in &results[..4] {
        assert_eq!(result["verdict"], "AC", "{}", result["reason"]);
    }
    assert_eq!(results[4]["verdict"], Value::Null);
    assert!(told(&results[4]).1.contains("files["), "{}", results[4]);
}

#[test]
fn nothing_tells_which_test_it_is() {
    let text = "import hashlib, os, sys\ndef f():\n    seen = [sys.argv, sorted(os.environ.items()), os.getcwd(), os.getpid(), os.uname()[1], sys.flags]\n    for top in ['/work', '/tmp', '/dev/shm', '/proc/self/fd']:\n        seen += [(d, sorted(s), sorted(n)) for d, s, n in os.walk(top)]\n    seen.append([open(os.path.join(d, n), 'rb').read() for d, _, ns in os.walk('/work') for n in ns])\n    seen.append(open('/proc/self/cmdline', 'rb').read())\n    seen += [sorted(k for k in vars(m) if isinstance(k, str)) for m in [sys, sys.modules['__main__']]]\n    return hashlib.sha256(repr(seen).encode()).hexdigest()";
    let tests: Vec<_> = (0..4).map(|number| (json!([]), json!(format!("expected {number}")))).collect();
    let bench = Bench::new();
    let path = bench.write("batch.jsonl", &submission(1, text, &tests).to_string());
    let output = bench.run(&["grade", "--json", &path.display().to_string()]);
    let batch = lines_of(&output).pop().expect("a summary")["summary"]["batch_id"].as_str().expect("an id").to_owned();
    let result = lines_of(&bench.run(&["results", "--json", "--tests", &batch])).remove(0);
    let got: Vec<_> = result["tests"]
        .as_array()
        .expect("tests")
        .iter()
        .map(|test| test["reason"].as_str().unwrap_or_default().split(" got ").nth(1).unwrap_or_default().to_owned())
        .collect();
    assert!(got.len() == 4 && got[0].len() > 50 && got.iter().all(|one| *one == got[0]), "{result}");
}

#[test]
fn nothing_is_left_from_test_to_test() {
    let text = "import os, sys\ndef f(n):\n    found = []\n    for place in ['/work/left', '/tmp/left', '/dev/shm/left', '/work/main.py.left', '/work/.assay/left', '/work/__pycache__/left']:\n        found += [place] if os.path.exists(place) else []\n        try:\n            os.makedirs(os.path.dirname(place), exist_ok=True)\n            open(place, 'w').close()\n        except OSError: pass\n    found += [os.environ['LEFT']] if 'LEFT' in os.environ else []\n    os.environ['LEFT'] = 'x'\n    with open('/work/main.py', 'a') as own: own.write('\\ndef f(n): return 5\\n')\n    with open('/work/.assay/harness', 'w') as own: own.write('print(5)')\n    if os.fork() == 0:\n        os.setsid()\n        import time\n        time.sleep(60)\n    return found";
    let tests: Vec<_> = (0..4).map(|number| (json!([number]), json!([]))).collect();
    let result = &Bench::new().grade(&[submission(1, text, &tests)])[0];
    assert_eq!(result["verdict"], "AC", "{result}");
}

#[test]
fn what_cannot_be_called_is_refused_or_told() {
    let mut ruby = submission(1, "", &[(json!([3]), json!(6))]);
    ruby["language"] = json!("ruby");
    ruby["files"] = json!([{"name": "main.rb", "text": "def f(x) = 6"}]);
    let mut mixed = submission(2, "def f(x): return 6", &[(json!([3]), json!(6))]);
    mixed["tests"][0]["stdin"] = json!("3");
    mixed["tests"][0]["args"] = json!([{"$lambda": 3}]);
    let mut pypy = submission(
        3,
        "import sys\ndef f(x): return [2 * x, sys.implementation.name]",
        &[(json!([3]), json!([6, "pypy"]))],
    );
    pypy["language"] = json!("pypy3");
    let results = Bench::new().grade(&[ruby, mixed, pypy]);
    assert_eq!((&results[0]["verdict"], &results[1]["verdict"]), (&Value::Null, &Value::Null));
    assert!(told(&results[0]).1.contains("functions cannot be called in ruby"), "{}", results[0]);
    for part in ["tests[0].stdin", "tests[0].args[0]", "$lambda"] {
        assert!(told(&results[1]).1.contains(part), "{}", results[1]);
    }
    if std::path::Path::new("/usr/bin/pypy3").exists() {
        assert_eq!(results[2]["verdict"], "AC", "{}", results[2]);
    }
}

/// A record in the shape of HumanEval, of a function that follows `head` and has these lines.
fn record(id: &str, head: &str, body: &str, name: &str, asserts: &[&str]) -> String {
    let test = format!("\n\nMETADATA = {{}}\n\n\ndef check(candidate):\n    {}\n", asserts.join("\n    "));
    json!({"task_id": id, "prompt": head, "canonical_solution": body, "test": test, "entry_point": name}).to_string()
}

fn humaneval() -> String {
    [
        record(
            "Own/0",
            "from typing import List\n\ndef tail(items: List[int], *, drop: int = 1) -> List[int]:\n    \"\"\"Without the first.\"\"\"\n",
            "    print('at work')\n    del items[:drop]\n    return items\n",
            "tail",
            &[
                "assert candidate([1, 2, 3]) == [2, 3], 'Test 1: ' + str(candidate([]))",
                "assert candidate([1, 2, 3], drop=2) == [3]",
                "for n in range(3):\n        assert candidate(list(range(n + 1))) == list(range(1, n + 1))",
                "assert candidate([]) == []",
            ],
        ),
        record(
            "Own/1",
            "import math\n\ndef root(x):\n",
            "    return math.sqrt(x)\n",
            "root",
            &["assert abs(candidate(2) - 1.414) < 1e-2", "assert math.fabs(candidate(4) - 2) <= 10 ** -3"],
        ),
        record(
            "Own/2",
            "def fib(n):\n    \"\"\"Pairs, with memory.\"\"\"\n",
            "    return (fib(n - 1)[1], sum(fib(n - 1))) if n else (0, 1)\n",
            "fib",
            &["assert candidate(5) == (5, 8) and candidate(0) == (0, 1)"],
        ),
        record(
            "Own/3",
            "def even(n):\n",
            "    return n % 2 == 0\n",
            "even",
            &["import random", "n = random.randrange(1000)", "assert candidate(2 * n)", "assert not candidate(2 * n + 1)"],
        ),
        record(
            "Own/4",
            "def kinds(x):\n",
            "    return {'set': {x}, 'tuple': (x, None), 'bytes': b'x', 3: 1j, 'f': 0.5}\n",
            "kinds",
            &["assert candidate(1)['f'] == 0.5"],
        ),
        record("Own/5", "def wrong():\n", "    return 1\n", "wrong", &["assert candidate() == 2"]),
        record("Own/6", "def lazy(n):\n", "    return iter([1])\n", "lazy", &["assert candidate(1) == candidate(1) or True"]),
        record("Own/7", "def lazy(n):\n", "    return lazy\n", "lazy", &["assert candidate(1) is candidate(2)"]),
        record("Own/8", "def none():\n", "    return 1\n", "none", &["pass"]),
        record("Own/9", "def any_order(n):\n", "    return [n, 1]\n", "any_order", &["assert set(candidate(2)) == {1, 2}"]),
        record("Own/10", "def ends():\n", "    raise SystemExit\n", "ends", &["assert candidate() == 2"]),
        record("Own/11", "import os\ndef ends():\n", "    os._exit(0)\n", "ends", &["assert candidate() == 2"]),
        record("Own/12", "def number(n):\n", "    return n\n", "number", &["assert candidate(1)"]),
    ]
    .join("\n")
}

/// Lines of the messages and what was said about the rest.
fn convert(bench: &Bench, arguments: &[&str]) -> (Vec<Value>, Output) {
    let output = bench.run(&[&["convert"], arguments].concat());
    (lines_of(&output), output)
}

#[test]
fn humaneval_is_converted_and_its_own_solutions_are_right() {
    let bench = Bench::new();
    let file = bench.write("own.jsonl", &humaneval()).display().to_string();
    let (messages, output) = convert(&bench, &["humaneval", &file]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let ids: Vec<_> = messages.iter().map(|message| &message["metadata"]["task_id"]).collect();
    assert_eq!(ids, ["Own/0", "Own/1", "Own/2", "Own/3"], "{told}");
    assert_eq!(messages[0]["tests"][0]["args"], json!([[1, 2, 3]]), "as they were before the call");
    assert_eq!(messages[0]["tests"][1]["kwargs"], json!({"drop": 2}));
    assert_eq!(messages[0]["tests"].as_array().map(Vec::len), Some(6));
    assert_eq!(messages[0].get("checker"), None);
    assert_eq!(messages[1]["checker"], json!({"float_absolute": 0.01}));
    assert_eq!(messages[2]["tests"].as_array().map(Vec::len), Some(2), "what it calls itself is no test");
    for (id, reason) in [
        ("Own/4", "something else with the result"),
        ("Own/5", "fails its own tests: AssertionError"),
        ("Own/6", "compares results with each other"),
        ("Own/7", "compares results with each other"),
        ("Own/8", "its tests call nothing"),
        ("Own/9", "something else with the result"),
        ("Own/10", "fails its own tests: SystemExit"),
        ("Own/11", "end the process early"),
        ("Own/12", "no bool"),
    ] {
        assert!(
            told.lines().any(|line| line.contains(&format!("{id}: ")) && line.contains(reason)),
            "{id} {reason}: {told}"
        );
    }
    for result in bench.grade(&messages) {
        assert_eq!(result["verdict"], "AC", "{result}");
    }
    let (again, _) = convert(&bench, &["humaneval", &file]);
    assert_eq!(again, messages);
}

#[test]
fn samples_are_judged_by_the_records_tests() {
    let bench = Bench::new();
    let file = bench.write("own.jsonl", &humaneval()).display().to_string();
    let samples = [
        json!({"task_id": "Own/0", "completion": "    return items[drop:]\n"}),
        json!({"task_id": "Own/0", "completion": "    return items[drop:]\n"}),
        json!({"task_id": "Own/0", "completion": "    return items\n"}),
        json!({"task_id": "Own/1", "solution": "def root(x): return round(x ** 0.5, 3)"}),
        json!({"task_id": "Own/1", "completion": "    import os\n    os._exit(0)\n"}),
        json!({"task_id": "Own/2", "completion": "    return [5, 8]\n"}),
        json!({"task_id": "Own/5", "completion": "    return 2\n"}),
        json!({"task_id": "Other", "completion": ""}),
        json!({"task_id": "Own/1"}),
    ];
    let lines: Vec<_> = samples.iter().map(Value::to_string).collect();
    let samples = bench.write("samples.jsonl", &lines.join("\n")).display().to_string();
    let (messages, output) = convert(&bench, &["humaneval", &file, "--samples", &samples]);
    let told = stderr(&output);
    assert_eq!((output.status.code(), messages.len()), (Some(1), 6), "{told}");
    for part in ["jsonl:7: Own/5 is left out", "no \"Other\"", "needs \"completion\""] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_ne!(messages[0]["submission_id"], messages[1]["submission_id"]);
    let verdicts: Vec<_> = bench.grade(&messages).iter().map(|result| result["verdict"].clone()).collect();
    assert_eq!(verdicts, ["AC", "AC", "WA", "AC", "WA", "WA"]);
}

#[test]
fn mbpp_is_converted_and_its_own_solutions_are_right() {
    let bench = Bench::new();
    let of = |id: u32, code: &str, tests: &[&str], setup: &str| {
        json!({"task_id": id, "text": "Write a function.", "code": code, "test_list": tests, "test_setup_code": setup,
            "challenge_test_list": []})
        .to_string()
    };
    let lines = [
        of(
            1,
            "from collections import Counter\r\ndef count(t):\r\n  return Counter(t)",
            &["assert count('aab') == {'a': 2, 'b': 1}", "assert count((1, 2)) == {1: 1, 2: 1}"],
            "",
        ),
        of(
            2,
            "def helper(x): return x\ndef area(r): return math.pi * helper(r) ** 2",
            &["assert math.isclose(area(1), 3.14159, rel_tol=0.001)"],
            "import math",
        ),
        of(3, "def f(x): return x\ndef g(x): return x", &["assert f(1) == g(1)"], ""),
        of(4, "def half(x): return x / 2", &["assert half(1) == 0.5"], ""),
        of(5, "def f(x): return x", &["assert f(1) != 2"], ""),
        "{\"task_id\": 6}".to_owned(),
    ];
    let file = bench.write("own.jsonl", &lines.join("\n")).display().to_string();
    let (messages, output) = convert(&bench, &["mbpp", &file]);
    let told = stderr(&output);
    let ids: Vec<_> = messages.iter().map(|message| &message["metadata"]["task_id"]).collect();
    assert_eq!((ids, output.status.code()), (vec![&json!("1"), &json!("2"), &json!("4")], Some(1)), "{told}");
    assert_eq!(messages[0]["tests"][1]["args"], json!([{"$tuple": [1, 2]}]));
    assert_eq!(messages[1]["checker"]["float_relative"], json!(0.001));
    assert_eq!(messages[2]["checker"], json!({"float_absolute": 1e-6, "float_relative": 1e-6}));
    for part in ["3: its tests should call one function", "5: line 1 of the tests", "code"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for result in bench.grade(&messages) {
        assert_eq!(result["verdict"], "AC", "{result}");
    }
    let (_, output) = convert(&bench, &["mbpp", "/no/such/file"]);
    assert_eq!(output.status.code(), Some(2));
    let (_, output) = convert(&bench, &["humaneval", &file]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

/// A JavaScript program whose function `f` is called once with `args`.
fn javascript(id: usize, text: &str, args: Value, returns: Value) -> Value {
    let mut message = submission(id, "", &[(args, returns)]);
    message["language"] = json!("javascript");
    message["files"] = json!([{"name": "main.js", "text": text}]);
    message
}

#[test]
fn functions_of_javascript_are_called_and_forge_nothing() {
    if !std::path::Path::new("/usr/bin/node").exists() {
        return;
    }
    let right = [
        javascript(
            1,
            "console.log('printed');\nfunction f(...all) { console.log('PASSED'); return all; }",
            json!([null, true, 1, 1.5, "ä", [1], {"a": 1}, {"$set": [1]}, {"$dict": [[1, 2]]}, {"$int": "123456789012345678901"}, {"$float": "nan"}]),
            json!([null, true, 1, 1.5, "ä", [1], {"a": 1}, {"$set": [1]}, {"$dict": [[1, 2]]}, {"$int": "123456789012345678901"}, {"$float": "nan"}]),
        ),
        javascript(2, "module.exports = { f: async (x) => 2 * x };", json!([3]), json!(6)),
        javascript(3, "const f = (x) => 2 * x + require('fs').readFileSync(0).length;", json!([3]), json!(6)),
        javascript(
            4,
            "function f(x) { setInterval(() => {}, 1000); process.stdout.write('no end'); }",
            json!([3]),
            Value::Null,
        ),
    ];
    for result in Bench::new().grade(&right) {
        assert_eq!(result["verdict"], "AC", "{result}");
    }
    let forged = "const fs = require('fs');\nfunction put(text) { fs.writeSync(3, text); }\n";
    let wrong = [
        ("function f(x) { process.exit(0); }".to_owned(), "WA"),
        ("process.exit(0);".to_owned(), "WA"),
        ("process.on('exit', () => process.reallyExit(0)); function f(x) { throw new Error('no'); }".to_owned(), "RTE"),
        ("function f(x) { return new Promise(() => {}); }".to_owned(), "WA"),
        ("function g(x) { return 6; }".to_owned(), "RTE"),
        ("function f(x) { return { toJSON() { return 6; }, valueOf() { return 6; } }; }".to_owned(), "WA"),
        ("class Any { toJSON() { return 6; } [Symbol.toPrimitive]() { return 6; } }\nfunction f(x) { return new Any(); }".to_owned(), "WA"),
        ("JSON.stringify = () => '6'; Object.prototype.toJSON = () => 6; Array.isArray = () => true; process.reallyExit = () => {};\nfunction f(x) { return 5; }".to_owned(), "WA"),
        ("function f(x) { return '6'; }".to_owned(), "WA"),
        ("function f(x) { return f; }".to_owned(), "WA"),
        ("function f(x) { const a = []; a.push(a); return a; }".to_owned(), "WA"),
        (format!("{forged}function f(x) {{ put('{{\"nonce\":\"0\",\"value\":6}}\\n'); process.exit(0); }}"), "WA"),
        (format!("{forged}function f(x) {{ put('PASSED\\n'); return 6; }}"), "WA"),
    ];
    let all: Vec<_> =
        wrong.iter().enumerate().map(|(id, (text, _))| javascript(id, text, json!([3]), json!(6))).collect();
    for ((text, verdict), result) in wrong.iter().zip(Bench::new().grade(&all)) {
        assert_eq!(result["verdict"], *verdict, "{text}: {result}");
    }
    let mut named = javascript(1, "function f(x) { return 6; }", json!([3]), json!(6));
    named["tests"][0]["kwargs"] = json!({"x": 3});
    let complex = javascript(2, "function f(x) { return 6; }", json!([{"a": [{"$complex": [1, 2]}]}]), json!(6));
    for result in Bench::new().grade(&[named, complex]) {
        assert_eq!(result["verdict"], Value::Null);
        assert!(told(&result).1.contains("neither arguments by name"), "{result}");
    }
}
