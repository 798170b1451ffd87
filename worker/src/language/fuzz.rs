//! Damaged definitions of languages, and damaged sources of those languages in which a source says where it belongs.

use super::{Language, Languages, PlanError, Sources, Toolchain, definition, is_safe};
use crate::damage::Damage;

fn nothing(_: &mut [u8]) {}

fn toolchain() -> Toolchain {
    Toolchain { program: "/opt/tool/bin/cc".into(), read_only: Vec::new() }
}

#[test]
fn definitions() {
    let ids = ["java", "python3", "pascal", "cpp17", "javascript", "prolog"];
    let path = |id| format!("{}/languages/{id}.toml", env!("CARGO_MANIFEST_DIR"));
    let seeds = ids.map(|id| std::fs::read(path(id)).expect("a shipped file")).to_vec();
    let words = &[
        "{sources}",
        "{main}",
        "{main_stem}",
        "{main_class}",
        "{exe}",
        "{program}",
        "{program_dir}",
        "{harness}",
        "{}",
        "{x",
        "[[compile]]",
        "[run]",
        "[function]",
        "argv = []",
        "env = {}",
        "entry = \"java\"",
        "pids = 0",
        "true",
        "[[toolchain]]",
        "'''",
        "heap_fraction = 1.1",
        "extra_memory_mib = 4294967295",
    ];
    Damage { seeds, words, mend: nothing }.check(|_, bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        match definition::parse("x.toml".into(), text) {
            Ok((_, definition)) => {
                let language = Language::new(definition);
                let name = format!("a.{}", language.extensions()[0]);
                let files = [(name, b"x".to_vec())];
                let sources = Sources { files: &files, entry_point: None };
                match language.plan_with(&toolchain(), &sources, 256 << 20) {
                    Ok(plan) => {
                        for step in plan.compile.iter().chain([&plan.run]) {
                            assert!(step.argv[0].starts_with('/') && step.pids > 0, "{step:?}");
                            let mut texts =
                                step.argv.iter().chain(step.env.iter().flat_map(|(key, value)| [key, value]));
                            assert!(texts.all(|text| !text.contains('\0')), "{step:?}");
                        }
                    }
                    Err(error) => assert!(error.to_string().len() > 8, "{error}"),
                }
            }
            Err(error) => {
                let error = error.to_string();
                assert!(
                    error.starts_with("x.toml: ") && error.len() > 12 && error.len() < 4096 + 8 * bytes.len(),
                    "{error}"
                );
            }
        }
    });
}

const SOURCES: [(&str, &str, &str); 6] = [
    (
        "java",
        "Main.java",
        "// x\npackage a.b.c;\nimport java.util.*;\n/* y */ public final class Main<T> { \"\"\"\n text \"\"\"; char c = '\\''; static void f() {}\n\
         public static void main(String... args) { System.out.println(\"\\\"}\"); } }\nrecord P(int a) {}\nenum E { A }\ninterface I {}\n",
    ),
    (
        "kotlin",
        "main.kt",
        "@file:JvmName(\"M\")\npackage a.b\nfun main() { println(\"${\"x ${1 + 1}\"} $y\") }\nclass A { companion object }\n",
    ),
    (
        "scala",
        "main.scala",
        "package a\nobject Main extends App { println(s\"${1} $x\") }\nobject B { def main(args: Array[String]): Unit = () }\n",
    ),
    (
        "ada",
        "a.adb",
        "with Ada.Text_IO; use Ada.Text_IO;\npragma X;\nprocedure A is -- c\nbegin\n  Put(\"x\");\nend A;\n",
    ),
    ("pascal", "a.pas", "{ c } (* d *) unit hello;\nbegin\nend.\n"),
    ("prolog", "a.pl", ":- initialization(main).\nmain :- read(X), write(X).\n"),
];

#[test]
fn sources() {
    let languages = Languages::load(None).expect("the shipped ones");
    let words = &[
        "package",
        "..",
        "a/b",
        "public class",
        "class",
        "object",
        "extends App",
        "main",
        "static void",
        "/*",
        "*/",
        "//",
        "\"\"\"",
        "${",
        "'\\",
        "{*",
        "with",
        "unit",
        "record",
        "enum",
        "@file:JvmName(\"..\")",
        "(((((((((",
        "{{{{{{{{{",
        "/*/*/*/*/*",
        "\"${\"${\"${",
    ];
    let seeds = SOURCES.map(|(_, _, text)| text.as_bytes().to_vec()).to_vec();
    Damage { seeds, words, mend: nothing }.check(|index, bytes| {
        let (id, name, _) = SOURCES[index];
        let files = [(name.to_owned(), bytes.to_vec()), ("other/x.txt".to_owned(), bytes.to_vec())];
        if let Ok(found) = languages.detect(&files, None) {
            assert!(found.extensions().iter().any(|extension| name.ends_with(extension.as_str())), "{}", found.id());
        }
        let language = languages.get(id).expect("a shipped one");
        let text = String::from_utf8_lossy(bytes);
        let entry: String = text.chars().take(12).collect();
        for entry_point in [None, Some(entry.as_str())] {
            let sources = Sources { files: &files, entry_point };
            match language.plan_with(&toolchain(), &sources, 256 << 20) {
                Ok(plan) => {
                    assert_eq!(plan.place.len(), 2);
                    for place in &plan.place {
                        assert!(is_safe(place) && !place.starts_with(".assay"), "{place}");
                    }
                    for step in plan.compile.iter().chain([&plan.run]) {
                        assert!(step.argv.iter().all(|item| !item.contains('\0') && item.len() < 100_000), "{step:?}");
                    }
                }
                Err(error) => {
                    let of_a_name = matches!(error, PlanError::ClassName(_) | PlanError::TooLong(_));
                    let expected =
                        of_a_name || matches!(error, PlanError::Collision { .. } | PlanError::EntryPoint { .. });
                    assert!(expected && !error.to_string().contains('\0'), "{error}");
                }
            }
        }
    });
}
