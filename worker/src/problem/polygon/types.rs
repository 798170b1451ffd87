//! What Polygon's names of languages and of results stand for here.

use crate::problem::Expectation;

/// Endings of files that only statements are made with.
const OF_STATEMENTS: [&str; 10] = ["sty", "tex", "ftl", "bib", "cls", "png", "jpg", "eps", "pdf", "mp"];

/// Endings of files that would be compiled with a program that they lie beside.
const SOURCES: [&str; 12] = ["cpp", "cc", "cxx", "c++", "C", "c", "java", "py", "pas", "dpr", "kt", "cs"];

fn ending(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).rsplit_once('.').map_or("", |(_, ending)| ending)
}

pub(super) fn is_of_statements(path: &str) -> bool {
    OF_STATEMENTS.contains(&ending(path))
}

pub(super) fn is_source(path: &str) -> bool {
    SOURCES.contains(&ending(path))
}

/// The first word of a type such as `cpp.g++17`, and what follows.
fn parts(kind: &str) -> (&str, &str) {
    let end = kind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(kind.len());
    (&kind[..end], kind[end..].trim_start_matches('.'))
}

/// Whether a program of this type and path can judge here.
pub(super) fn can_judge(kind: &str, path: &str) -> bool {
    if kind.is_empty() {
        return matches!(ending(path), "cpp" | "cc" | "cxx" | "c++" | "C" | "c" | "py");
    }
    match parts(kind) {
        ("cpp" | "c", _) => true,
        ("python", version) => !is_python2(version),
        _ => false,
    }
}

fn is_python2(version: &str) -> bool {
    version.starts_with('2') || version.starts_with("pypy2")
}

/// The language of a solution of this type; none if its name decides.
pub(super) fn language(kind: &str) -> Option<&'static str> {
    let (word, version) = parts(kind);
    Some(match word {
        "cpp" => {
            match version.rsplit_once("++").map(|(_, year)| year.trim_end_matches(|c: char| !c.is_ascii_digit())) {
                Some("14" | "1y") => "cpp14",
                Some("17" | "1z") => "cpp17",
                Some("20" | "2a") => "cpp20",
                Some("23" | "2b") => "cpp23",
                // What was written before there were years in the names may use names that later standards took.
                Some("11" | "0x" | "") => "cpp11",
                _ => return None,
            }
        }
        "c" => "c",
        "java" => "java",
        // There is no such language here, and that is what a person reads.
        "python" if is_python2(version) => "python2",
        "python" if version.starts_with("pypy") => "pypy3",
        "python" => "python3",
        "kotlin" => "kotlin",
        "csharp" => "csharp",
        "pas" if version.starts_with("fpc") => "pascal",
        "go" => "go",
        "rust" => "rust",
        "haskell" => "haskell",
        "ocaml" => "ocaml",
        "ruby" => "ruby",
        "perl" => "perl",
        "php" => "php",
        "js" | "javascript" | "node" | "nodejs" => "javascript",
        "lua" => "lua",
        _ => return None,
    })
}

/// The languages that a mask of types is for, by their codes.
#[derive(Debug, PartialEq)]
pub(super) enum Codes {
    All,
    These(&'static [&'static str]),
    Unknown,
}

/// What a mask such as `cpp.*` is for. Masks of single compilers are taken for their language.
pub(super) fn codes_of_mask(mask: &str) -> Codes {
    let mask = mask.to_ascii_lowercase();
    let (word, version) = parts(&mask);
    Codes::These(match word {
        "" if mask.starts_with('*') => return Codes::All,
        "cpp" => &["cpp"],
        "h" => &["cpp", "c"],
        "c" => &["c"],
        "java" => &["java"],
        "python" if !is_python2(version) => &["python3"],
        "kotlin" => &["kotlin"],
        "csharp" => &["csharp"],
        "pas" | "pascal" => &["pascal"],
        "go" => &["go"],
        "rust" => &["rust"],
        "haskell" => &["haskell"],
        "ocaml" => &["ocaml"],
        "ruby" => &["ruby"],
        "perl" => &["perl"],
        "php" => &["php"],
        "js" | "javascript" | "node" | "nodejs" => &["javascript"],
        _ => return Codes::Unknown,
    })
}

/// What a tag says of the final verdict.
pub(super) fn expectation(tag: &str) -> Option<Expectation> {
    Expectation::of_tags(match tag {
        "main" | "accepted" => "AC",
        "wrong-answer" | "presentation-error" => "WA",
        "time-limit-exceeded" => "TLE",
        "time-limit-exceeded-or-accepted" => "TLE, AC",
        "time-limit-exceeded-or-memory-limit-exceeded" => "TLE, MLE",
        "memory-limit-exceeded" => "MLE",
        "rejected" | "failed" => "WA, TLE, RTE, MLE, OLE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Codes, can_judge, codes_of_mask, expectation, language};

    #[test]
    fn types_are_languages() {
        for (kind, id) in [
            ("cpp.g++17", "cpp17"),
            ("cpp.g++", "cpp11"),
            ("cpp.gcc11-64-winlibs-g++20", "cpp20"),
            ("cpp.gcc14-64-msys2-g++23", "cpp23"),
            ("cpp.msys2-mingw64-9-g++17", "cpp17"),
            ("c.gcc", "c"),
            ("java8", "java"),
            ("java21", "java"),
            ("python.3", "python3"),
            ("python.pypy3-64", "pypy3"),
            ("python.2", "python2"),
            ("python.pypy2", "python2"),
            ("kotlin19", "kotlin"),
            ("pas.fpc", "pascal"),
            ("csharp.mono", "csharp"),
            ("go", "go"),
            ("rust", "rust"),
        ] {
            assert_eq!(language(kind), Some(id), "{kind}");
        }
        for kind in ["cpp.ms2017", "cpp.clang", "pas.dpr", "whatever", ""] {
            assert_eq!(language(kind), None, "{kind}");
        }
        assert!(can_judge("cpp.g++17", "check.cpp") && can_judge("", "check.cpp") && can_judge("python.3", "check.py"));
        assert!(
            !can_judge("java11", "Check.java") && !can_judge("", "check.dpr") && !can_judge("python.2", "check.py")
        );
    }

    #[test]
    fn masks_are_codes() {
        assert_eq!(codes_of_mask("cpp.*"), Codes::These(&["cpp"]));
        assert_eq!(codes_of_mask("h.g++"), Codes::These(&["cpp", "c"]));
        assert_eq!(codes_of_mask("java11"), Codes::These(&["java"]));
        assert_eq!(codes_of_mask("*"), Codes::All);
        assert_eq!(codes_of_mask("python.2"), Codes::Unknown);
    }

    #[test]
    fn tags_are_final_verdicts() {
        let codes = |tag: &str| expectation(tag).map(|expectation| expectation.codes().join(" "));
        assert_eq!(codes("main").as_deref(), Some("AC"));
        assert_eq!(codes("presentation-error").as_deref(), Some("WA"));
        assert_eq!(codes("time-limit-exceeded-or-accepted").as_deref(), Some("TLE AC"));
        assert_eq!(codes("rejected").as_deref(), Some("WA TLE RTE MLE OLE"));
        assert_eq!(codes("new-tag"), None);
    }
}
