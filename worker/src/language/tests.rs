//! Tests of the shipped definitions and of the rules; `tests/languages.rs` runs the toolchains.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use super::*;

fn files(names: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    names.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn toolchain() -> Toolchain {
    Toolchain { program: "/opt/tool/bin/cc".into(), read_only: Vec::new() }
}

fn plan(id: &str, names: &[(&str, &str)], entry_point: Option<&str>) -> Result<Plan, PlanError> {
    let languages = Languages::load(None).unwrap();
    let files = files(names);
    languages.get(id).unwrap().plan_with(&toolchain(), &Sources { files: &files, entry_point }, 256 << 20)
}

fn example(language: &Language, name: &str) -> (String, Vec<u8>) {
    let file = format!("{name}.{}", language.extensions()[0]);
    let path = format!("{}/../tests/languages/{}/{file}", env!("CARGO_MANIFEST_DIR"), language.id());
    (file, fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

#[test]
fn all_definitions_load_and_have_examples_and_no_placeholder_is_left() {
    let languages = Languages::load(None).unwrap();
    let shipped = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/languages")).unwrap().count();
    assert_eq!(languages.iter().count(), shipped);
    // Answers are no programs.
    for language in languages.iter().filter(|language| language.id() != "answers") {
        assert!(languages.for_code(language.code()).is_some(), "{} has no default", language.code());
        for name in ["hello", "sum"] {
            let files = [example(language, name)];
            let sources = Sources { files: &files, entry_point: None };
            let plan = language.plan_with(&toolchain(), &sources, 256 << 20).unwrap();
            for step in plan.compile.iter().chain([&plan.run]).chain(plan.call.as_ref().map(|call| &call.step)) {
                let texts = step.argv.iter().chain(step.env.iter().map(|(_, value)| value));
                for text in texts {
                    assert_eq!(definition::placeholder(text), None, "{}: {text}", language.id());
                }
                assert!(step.argv[0].starts_with('/'));
            }
        }
    }
}

#[test]
fn names_aliases_and_codes() {
    let languages = Languages::load(None).unwrap();
    assert_eq!(languages.get("C++").unwrap().id(), "cpp20");
    assert_eq!(languages.get("c++17").unwrap().id(), "cpp17");
    assert_eq!(languages.get("pypy3").unwrap().code(), "python3");
    assert_eq!(languages.for_code("python3").unwrap().id(), "python3");
    assert!(languages.get("simula").is_none());
}

#[test]
fn placeholders_are_filled() {
    let java =
        plan("java", &[("a.java", "public class Foo { public static void main(String[] a) {} }")], None).unwrap();
    assert_eq!(java.place, ["Foo.java"]);
    assert!(java.run.argv.contains(&"-Xmx256m".to_owned()));
    assert!(java.run.argv.contains(&"-Xss64m".to_owned()));
    assert_eq!(java.run.argv.last().unwrap(), "Foo");
    assert_eq!(java.run.argv[0], "/opt/tool/bin/java");
    assert_eq!(java.run.extra_memory_bytes, 192 << 20);
    let cpp = plan("cpp17", &[("-o.cpp", ""), ("@b.cpp", ""), ("b.h", "")], None).unwrap();
    assert!(cpp.compile[0].argv.ends_with(&["./-o.cpp".to_owned(), "./@b.cpp".to_owned()]));
    assert_eq!(cpp.run.argv, ["/work/program"]);
    assert_eq!(plan("cpp17", &[("program", ""), ("b.cpp", "")], None).unwrap().run.argv, ["/work/program_"]);
    let braces = plan("python3", &[("{exe}.py", "")], None).unwrap();
    assert_eq!(braces.run.argv.last().unwrap(), "/work/./{exe}.py");
}

#[test]
fn entry_points_of_python() {
    let main = |names: &[(&str, &str)], entry| plan("python3", names, entry).map(|plan| plan.run.argv[1].clone());
    assert_eq!(main(&[("z.py", ""), ("main.py", ""), ("__main__.py", "")], None).unwrap(), "/work/__main__.py");
    assert_eq!(main(&[("a.py", ""), ("main.py", "")], None).unwrap(), "/work/main.py");
    assert_eq!(main(&[("z.py", ""), ("b.py", ""), ("a.txt", "")], None).unwrap(), "/work/b.py");
    assert_eq!(main(&[("z.py", ""), ("b.py", "")], Some("z")).unwrap(), "/work/z.py");
    assert!(matches!(main(&[("z.py", "")], Some("y.py")), Err(PlanError::EntryPoint { .. })));
}

#[test]
fn a_pascal_unit_is_no_program() {
    let main = |names: &[(&str, &str)]| plan("pascal", names, None).unwrap().compile[0].argv.last().unwrap().clone();
    let unit = "{ program } (* x *) // y\n UNIT hello;";
    assert_eq!(main(&[("a.pp", unit), ("b.pas", "(* unit *)\nprogram b;")]), "b.pas");
    assert_eq!(main(&[("a.pas", "begin end."), ("b.pas", "uses x;")]), "a.pas");
    assert_eq!(main(&[("a.pas", unit), ("b.pas", "{ no end")]), "b.pas");
}

#[test]
fn java_names() {
    let source = r#"
        /* public class No { */ package org.example.tool; // class Neither {
        import java.util.*;
        @Deprecated(since = "public class Nor {") class Helper { static void main(int x, String s) { char c = '"'; } }
        public final class Right<T> { @Override public String toString() { return "}\"{"; }
            public static void main(String... a) {} }
        record Pair(int a, int b) {}
    "#;
    let java = plan("java", &[("src/wrong.java", source)], Some("Right")).unwrap();
    assert_eq!(java.place, ["org/example/tool/Right.java"]);
    assert_eq!(java.run.argv.last().unwrap(), "org.example.tool.Right");
    let two = [
        ("A.java", "class A { public static void main(String[] a) {} }"),
        ("M.java", "public class Main { public static void main(String[] a) {} }"),
    ];
    assert_eq!(plan("java", &two, None).unwrap().run.argv.last().unwrap(), "Main");
    assert_eq!(plan("java", &two, Some("A")).unwrap().run.argv.last().unwrap(), "A");
    let same = [("a/X.java", "class X {}"), ("b/X.java", "class X {}")];
    assert!(matches!(plan("java", &same, None), Err(PlanError::Collision { .. })));
    for broken in ["/*", "\"\\", "'\\", "\"\"\"", "class", "`", "}}})))", "package", "record"] {
        plan("java", &[("a.java", broken)], None).unwrap();
        plan("kotlin", &[("a.kt", broken)], None).unwrap();
    }
}

#[test]
fn kotlin_names() {
    let class = |name, text| plan("kotlin", &[(name, text)], None).unwrap().run.argv.last().unwrap().clone();
    assert_eq!(class("my-sum.kt", "package a.b\nfun main() { println(\"${\"}\"} {\") }"), "a.b.My_sumKt");
    assert_eq!(class("x.kt", "@file:JvmName(\"Start\")\nfun main(args: Array<String>) {}"), "Start");
    assert_eq!(class("x.kt", "object Go { @JvmStatic fun main(args: Array<String>) {} }"), "Go");
    assert_eq!(class("1.kt", "/* /* */ fun main() */ fun main() {}"), "_1Kt");
}

#[test]
fn an_ada_package_is_no_program() {
    let main =
        |names: &[(&str, &str)]| plan("ada", names, None).unwrap().compile[0].argv.contains(&names[0].0.to_owned());
    let package = "-- procedure\n\nwith Ada.Text_IO; use Ada.Text_IO; -- for\nPackage Body A is end A;";
    assert!(main(&[("b.adb", "procedure B is begin null; end B;"), ("a.adb", package), ("a.ads", package)]));
}

#[test]
fn scala_names() {
    let class = |text| plan("scala", &[("x.scala", text)], None).unwrap().run.argv.last().unwrap().clone();
    assert_eq!(
        class("package a.b\nobject Go { def main(args: Array[String]) { val c = '\\''; val b = '{' } }"),
        "a.b.Go"
    );
    assert_eq!(
        class("class Node(x: Int) { def main() {} }\nobject Start extends Node(1) with App { 'quote }"),
        "Start"
    );
    assert_eq!(class("object Tool { s\"${\"}\"}\" }\nobject Go { 'q; def main(a: Array[String]): Unit = {} }"), "Go");
    assert_eq!(class("object Tool\nclass X { def main() = 1 }\nobject Main extends Helper"), "Main");
    for broken in ["'", "'a", "object", "package", "object X extends", "\"\"\"", "/*"] {
        plan("scala", &[("a.scala", broken)], None).unwrap();
    }
}

#[test]
fn a_language_may_need_the_name_of_the_main_file_without_extension() {
    let last = |names: &[(&str, &str)], entry| plan("erlang", names, entry).map(|p| p.run.argv.last().unwrap().clone());
    assert_eq!(last(&[("b.c.erl", ""), ("x.erl", "")], None).unwrap(), "b.c");
    assert_eq!(last(&[("b.erl", ""), ("main.erl", "")], None).unwrap(), "main");
    assert_eq!(last(&[("b.erl", ""), ("c.erl", "")], Some("c")).unwrap(), "c");
    assert!(matches!(last(&[("b.erl", "")], Some("c")), Err(PlanError::EntryPoint { .. })));
}

#[test]
fn an_extension_of_several_languages_is_of_the_first_that_is_allowed() {
    let languages = Languages::load(None).unwrap();
    let detect = |name: &str, codes: &[&str]| {
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        let allowed = (!codes.is_empty()).then_some(codes.as_slice());
        languages.detect(&files(&[(name, "")]), allowed).map(|language| language.id().to_owned()).unwrap()
    };
    for (name, first, other, code) in [
        ("a.pl", "perl", "prolog", "prolog"),
        ("a.m", "objectivec", "octave", "octave"),
        ("a.c", "c", "cgmp", "cgmp"),
        ("a.cc", "cpp20", "cppgmp", "cppgmp"),
        ("a.py", "python3", "python3numpy", "python3numpy"),
    ] {
        assert_eq!(detect(name, &[]), first);
        assert_eq!(detect(name, &[languages.get(first).unwrap().code(), code]), first);
        assert_eq!(detect(name, &[code]), other);
    }
}

#[test]
fn prolog_is_told_from_perl_by_its_clauses() {
    let languages = Languages::load(None).unwrap();
    let detect = |names: &[(&str, &str)]| languages.detect(&files(names), None).unwrap().id().to_owned();
    assert_eq!(detect(&[("a.pl", "print ':-';\n$x ? 1 :-1;")]), "perl");
    assert_eq!(detect(&[("a.pl", "main :-\r\n  writeln(x).\r\n"), ("facts.pl", "p(1).")]), "prolog");
    assert_eq!(detect(&[("a.pl", ":- use_module(library(clpfd)).")]), "prolog");
}

#[test]
fn detection() {
    let languages = Languages::load(None).unwrap();
    let detect = |names: &[(&str, &str)], allowed: Option<&[String]>| {
        languages.detect(&files(names), allowed).map(|language| language.id().to_owned())
    };
    assert_eq!(detect(&[("a.cpp", ""), ("a.h", ""), ("notes.txt", "")], None).unwrap(), "cpp20");
    assert_eq!(detect(&[("a.py", "#!/usr/bin/env python3\n")], None).unwrap(), "python3");
    let old = detect(&[("a.py", "#!/usr/bin/env python2\n")], None).unwrap_err();
    assert_eq!(old.to_string(), "Python 2 is not supported: a.py");
    let mixed = detect(&[("a.py", ""), ("b.java", "")], None).unwrap_err();
    assert_eq!(mixed.to_string(), "the files are in more than one language: a.py, b.java");
    let unknown = detect(&[("a.h", ""), (".py", "")], None).unwrap_err();
    assert_eq!(unknown.to_string(), "no language is known for a.h, .py");
    let refused = detect(&[("a.py", "")], Some(&["cpp".to_owned()])).unwrap_err();
    assert_eq!(refused.to_string(), "the language of a.py is not allowed; allowed: cpp");
}

#[test]
fn unsafe_names_are_refused() {
    for name in ["../a.py", "/a.py", "a//b.py", "", "a\0.py", "./a.py"] {
        assert!(matches!(plan("python3", &[(name, "")], None), Err(PlanError::FileName(_))), "{name}");
    }
    assert!(matches!(plan("c", &[("a.py", "")], None), Err(PlanError::NoSources { .. })));
}

#[test]
fn a_user_directory_adds_replaces_and_names_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let text = include_str!("../../languages/lua.toml");
    let load = |text: &str| {
        fs::write(dir.path().join("mine.toml"), text).unwrap();
        Languages::load(Some(dir.path())).map_err(|error| error.to_string())
    };
    let replaced = load(&text.replace("\"Lua\"", "\"My Lua\"")).unwrap();
    assert_eq!(replaced.get("lua").unwrap().name(), "My Lua");
    let added = text.replace("\"lua\"\nname", "\"moon\"\nname").replace("default = true", "");
    let added = load(&added.replace("/usr/bin/lua", "/nowhere/moon")).unwrap();
    let Availability::Missing { reason } = added.get("moon").unwrap().availability() else { panic!("found") };
    assert_eq!(reason, "no moon toolchain at /nowhere/moon5.4 or /nowhere/moon");
    for (from, to, field) in [
        ("code", "cod", "unknown field `cod`"),
        (
            "[\"{program}\", \"/work/{main}\"]",
            "[\"{program}\", \"{mian}\"]",
            "mine.toml: run.argv: no placeholder {mian}",
        ),
        ("id = \"lua\"", "id = \"lua 5\"", "mine.toml: id: "),
        ("id = \"lua\"", "id = \"luau\"", "default: "),
    ] {
        let error = load(&text.replace(from, to)).unwrap_err();
        assert!(error.contains(field) && error.contains("mine.toml"), "{error}");
    }
}

#[test]
fn patterns_prefer_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["v1.9", "v1.10", "w2"] {
        fs::create_dir(dir.path().join(name)).unwrap();
    }
    let found = probe::expand("~/v*", Some(dir.path()));
    assert_eq!(found, [dir.path().join("v1.10"), dir.path().join("v1.9")]);
    assert!(probe::expand("~/v*", None).is_empty());
}

#[test]
fn what_is_no_name_of_a_class_does_not_come_into_a_command() {
    let java = [("A.java", "class A { public static void main(String[] a) {} }")];
    for entry in ["-version", "A\0B", "@file", "A B"] {
        let error = plan("java", &java, Some(entry)).unwrap_err().to_string();
        assert!(error.starts_with("the entry point '") && !error.contains('\0'), "{error}");
    }
    assert!(plan("java", &java, Some("org.example.Inherited")).is_ok());
    for name in ["\0M", "-version", "a b"] {
        let source = format!("@file:JvmName(\"{name}\")\npackage a\nfun main() {{}}\n");
        let kotlin = plan("kotlin", &[("main.kt", &source)], None).unwrap();
        assert_eq!(kotlin.run.argv.last().unwrap(), "a.MainKt");
    }
}

#[test]
fn brackets_without_end_are_an_error_and_not_the_end_of_the_stack() {
    let text =
        format!("# [[[\nid = \"{{\"\nname = '{{'\nversion = \"\"\"{{{{{{\"\"\"\ncode = {}", "[".repeat(1_000_000));
    let error = definition::parse("x.toml".into(), &text).unwrap_err().to_string();
    assert!(error.starts_with("x.toml: line 5: more than 32 brackets"), "{error}");
    let deep = definition::parse("x.toml".into(), &format!("a = {}1{}", "[".repeat(30), "]".repeat(30)));
    assert!(deep.unwrap_err().to_string().contains("unknown field"));
}

#[test]
fn a_header_is_compiled_beforehand_where_all_sources_begin_with_it() {
    let source = ("a.cpp", "#include <bits/stdc++.h>\nint main() {}\n");
    let planned = |files: &[(&str, &str)]| plan("cppgmp", files, None).unwrap();
    let plan = planned(&[source, ("a.h", "int x;")]);
    let found = plan.precompiled.unwrap();
    let flags = ["-std=gnu++20", "-O2", "-pipe", "-static", "-o"];
    let make = ["/work/header.made", "-x", "c++-header", "header.h", "-lgmpxx", "-lgmp"];
    assert_eq!(found.make.argv, [&["/opt/tool/bin/cc"], &flags[..], &make].concat());
    let mut with = plan.compile[0].clone();
    with.argv.insert(1, "-I/work/.assay/include".to_owned());
    assert_eq!(found.with, with);
    assert_eq!(found.place("k"), ".assay/include/bits/stdc++.h.gch/k");
    assert_eq!(planned(&[source, ("b.cpp", "int f() { return 0; }\n")]).precompiled, None);
}
