//! Finds in Java, Kotlin and Scala sources what those languages derive from the text: package, names of classes, and the class to start.
//!
//! It reads tokens and not grammar. A source that does not compile gives some answer; the compiler then says what is wrong.

use super::definition::Entry;

/// How deeply strings may lie in templates of strings before the rest of the source is given up.
const DEEPEST: usize = 32;

/// What one source file declares.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unit {
    package: String,
    public_type: Option<String>,
    types: Vec<String>,
    mains: Vec<String>,
    java: bool,
}

impl Unit {
    /// Where the compiler expects the file, if the language cares.
    pub(super) fn place(&self, name: &str) -> Option<String> {
        if !self.java {
            return None;
        }
        let base = match &self.public_type {
            Some(public) => format!("{public}.java"),
            None => name.rsplit('/').next().unwrap_or(name).to_owned(),
        };
        let dir: String =
            self.package.split('.').filter(|part| !part.is_empty()).flat_map(|part| [part, "/"]).collect();
        Some(dir + &base)
    }

    fn full(&self, class: &str) -> String {
        if self.package.is_empty() { class.to_owned() } else { format!("{}.{class}", self.package) }
    }
}

/// The first word of a Pascal or Ada source, after comments (`{…}`, `(*…*)`, `//…`, `--…`) and what an Ada unit names before itself.
pub(super) fn first_word(source: &[u8]) -> &[u8] {
    let mut rest = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    loop {
        rest = rest.trim_ascii_start();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let word = &rest[..length];
        let is_clause = ["with", "use", "pragma"].iter().any(|clause| word.eq_ignore_ascii_case(clause.as_bytes()));
        let end: &[u8] = match rest {
            [b'{', ..] => b"}",
            [b'(', b'*', ..] => b"*)",
            [b'/', b'/', ..] | [b'-', b'-', ..] => b"\n",
            _ if is_clause => b";",
            _ => return word,
        };
        let Some(at) = rest.windows(end.len()).position(|window| window == end) else { return &[] };
        rest = &rest[at + end.len()..];
    }
}

/// The class to start, of files in the order of their names.
///
/// An explicit entry point comes first; then the only class with a main method, the one named `Main`, the first.
/// Where there is no main method the class named `Main` or else the first is tried: it may inherit one.
pub(super) fn main_class(units: &[(&str, Unit)], entry_point: Option<&str>) -> String {
    let all = |pick: fn(&Unit) -> &Vec<String>| -> Vec<String> {
        units.iter().flat_map(|(_, unit)| pick(unit).iter().map(|class| unit.full(class))).collect()
    };
    let simple = |class: &str| class.rsplit('.').next().unwrap_or_default().to_owned();
    let (mains, types) = (all(|unit| &unit.mains), all(|unit| &unit.types));
    if let Some(entry) = entry_point {
        let of_file = units.iter().find(|(name, _)| *name == entry).and_then(|(_, unit)| {
            unit.mains.first().or(unit.public_type.as_ref()).or(unit.types.first()).map(|class| unit.full(class))
        });
        if let Some(class) = of_file {
            return class;
        }
        let entry = entry.strip_suffix(".java").unwrap_or(entry).replace('/', ".");
        let known = || mains.iter().chain(&types);
        let exact = known().find(|class| **class == entry);
        return exact.or_else(|| known().find(|class| simple(class) == entry)).cloned().unwrap_or(entry);
    }
    let is_main = |class: &&String| matches!(simple(class).as_str(), "Main" | "MainKt");
    let of = |classes: &[String]| classes.iter().find(is_main).or(classes.first()).cloned();
    of(&mains).or_else(|| of(&types)).unwrap_or_else(|| "Main".to_owned())
}

/// Whether this is a name with dots as the languages know it, and nothing that `java` takes for an option or a file of options.
pub(super) fn is_class_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let starts = |c: char| c.is_alphabetic() || matches!(c, '_' | '$');
        part.chars().next().is_some_and(starts) && part.chars().all(|c| starts(c) || c.is_numeric())
    };
    name.len() <= 1024 && name.split('.').all(is_part)
}

/// Reads one file.
pub(super) fn read(name: &str, content: &[u8], language: Entry) -> Unit {
    let text = String::from_utf8_lossy(content);
    let tokens = tokens(&text, language);
    match language {
        Entry::Kotlin => read_kotlin(name, &tokens),
        Entry::Scala => read_scala(&tokens),
        Entry::Java | Entry::File => read_java(&tokens),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(&'a str),
    Mark(u8),
}
use Token::{Mark, Text, Word};

fn dotted(tokens: &[Token]) -> String {
    let mut name = String::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Word(word) if index % 2 == 0 => name.push_str(word),
            Mark(b'.') if index % 2 == 1 => name.push('.'),
            _ => break,
        }
    }
    name
}

fn read_java(tokens: &[Token]) -> Unit {
    let mut unit = Unit { java: true, ..Unit::default() };
    let (mut braces, mut brackets, mut declaration) = (0_usize, 0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        let before = &tokens[declaration..at];
        match token {
            Mark(b'(') => brackets += 1,
            Mark(b')') => brackets = brackets.saturating_sub(1),
            _ if brackets > 0 => {}
            Mark(mark @ (b'{' | b'}' | b';')) => {
                declaration = at + 1;
                match mark {
                    b'{' => braces += 1,
                    b'}' => braces = braces.saturating_sub(1),
                    _ => {}
                }
            }
            Word("package") if braces == 0 && unit.package.is_empty() => unit.package = dotted(&tokens[at + 1..]),
            Word(kind @ ("class" | "interface" | "enum" | "record")) if braces == 0 => {
                let Some(Word(name)) = tokens.get(at + 1) else { continue };
                if *kind == "record" && !matches!(tokens.get(at + 2), Some(Mark(b'(' | b'<'))) {
                    continue;
                }
                unit.types.push((*name).to_owned());
                if unit.public_type.is_none() && before.contains(&Word("public")) {
                    unit.public_type = Some((*name).to_owned());
                }
            }
            Word("main") if braces == 1 && tokens.get(at + 1) == Some(&Mark(b'(')) => {
                let is_static = before.contains(&Word("static")) && before.last() == Some(&Word("void"));
                if let (true, Some(class)) = (is_static, unit.types.last())
                    && !unit.mains.contains(class)
                {
                    unit.mains.push(class.clone());
                }
            }
            _ => {}
        }
    }
    unit
}

fn read_kotlin(name: &str, tokens: &[Token]) -> Unit {
    let mut unit = Unit::default();
    let mut facade = facade(name);
    let mut braces = 0_usize;
    let mut for_java = false;
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        match token {
            Mark(b'{') => braces += 1,
            Mark(b'}') => braces = braces.saturating_sub(1),
            Word("package") if braces == 0 && unit.package.is_empty() => unit.package = dotted(&tokens[at + 1..]),
            Word("JvmName") if at >= 2 && tokens[at - 2] == Word("file") => {
                if let Some(Text(text)) = tokens.get(at + 2) {
                    (*text).clone_into(&mut facade);
                }
            }
            Word("class" | "object" | "interface") if braces == 0 => {
                if let Some(Word(class)) = next {
                    unit.types.push((*class).to_owned());
                }
            }
            Word("JvmStatic") => for_java = true,
            Word("fun") => {
                let is_main = next == Some(&Word("main")) && tokens.get(at + 2) == Some(&Mark(b'('));
                if is_main && braces == 0 {
                    unit.mains.push(facade.clone());
                } else if is_main && for_java {
                    unit.mains.extend(unit.types.last().cloned());
                }
                for_java = false;
            }
            _ => {}
        }
    }
    unit.mains.dedup();
    unit
}

fn read_scala(tokens: &[Token]) -> Unit {
    let mut unit = Unit::default();
    let mut braces = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        match token {
            Mark(b'{') => braces += 1,
            Mark(b'}') => braces = braces.saturating_sub(1),
            Word("package") if braces == 0 && unit.package.is_empty() => unit.package = dotted(&tokens[at + 1..]),
            Word("object") if braces == 0 => {
                if let Some(Word(name)) = next {
                    unit.types.push((*name).to_owned());
                    let header = tokens[at + 2..].iter().take_while(|token| **token != Mark(b'{'));
                    let mut header =
                        header.take_while(|token| !matches!(token, Word("object" | "class" | "trait" | "def")));
                    if header.any(|token| *token == Word("App")) {
                        unit.mains.push((*name).to_owned());
                    }
                }
            }
            // Only objects have methods that are static.
            Word("class" | "trait") if braces == 0 => unit.types.push(String::new()),
            Word("def") if braces == 1 && next == Some(&Word("main")) => {
                unit.mains.extend(unit.types.last().filter(|name| !name.is_empty()).cloned());
            }
            _ => {}
        }
    }
    unit.types.retain(|name| !name.is_empty());
    unit.mains.dedup();
    unit
}

/// The class that stands for the functions of a Kotlin file.
fn facade(name: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or(name);
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let mut class: String = stem.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if let Some(first) = class.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if class.starts_with(|first: char| first.is_ascii_digit()) {
        class.insert(0, '_');
    }
    class + "Kt"
}

fn tokens(text: &str, language: Entry) -> Vec<Token<'_>> {
    // Comments nest, and strings are templates.
    let kotlin = language != Entry::Java;
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let rest = &bytes[at..];
        if rest.starts_with(b"//") {
            at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        } else if rest.starts_with(b"/*") {
            at = after_comment(bytes, at, kotlin);
        } else if byte == b'"' {
            at = after_string(bytes, at, kotlin, 0);
            tokens.push(Text(text.get(start..at).unwrap_or_default().trim_matches('"')));
        } else if byte == b'\'' && language == Entry::Scala && is_symbol(rest) {
            at += 1;
        } else if byte == b'\'' {
            at = after_quote(bytes, at, b'\'');
        } else if byte == b'`' {
            at = after_quote(bytes, at, b'`');
            tokens.push(Word(text.get(start..at).unwrap_or_default().trim_matches('`')));
        } else if is_word(byte) {
            at += rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
            tokens.push(Word(text.get(start..at).unwrap_or_default()));
        } else {
            at += 1;
            if !byte.is_ascii_whitespace() {
                tokens.push(Mark(byte));
            }
        }
    }
    tokens
}

/// Whether the quote is the beginning of a symbol, such as `'name`, and not of a character.
fn is_symbol(rest: &[u8]) -> bool {
    matches!(rest, [_, first, second, ..] if *first != b'\\' && first.is_ascii() && *second != b'\'')
}

fn after_comment(bytes: &[u8], start: usize, nested: bool) -> usize {
    let (mut at, mut depth) = (start + 2, 1_usize);
    while at < bytes.len() && depth > 0 {
        if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
        } else if nested && bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else {
            at += 1;
        }
    }
    at
}

fn after_quote(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'\'' => at += 2,
            b'\n' => return at,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn after_string(bytes: &[u8], start: usize, kotlin: bool, depth: usize) -> usize {
    if depth > DEEPEST {
        return bytes.len();
    }
    let block = bytes[start..].starts_with(b"\"\"\"");
    let end: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut at = start + end.len();
    while let Some(&byte) = bytes.get(at) {
        if bytes[at..].starts_with(end) {
            return at + end.len();
        }
        match byte {
            b'\\' if !(block && kotlin) => at += 2,
            b'\n' if !block => return at,
            b'$' if kotlin && bytes.get(at + 1) == Some(&b'{') => {
                let mut braces = 1_usize;
                at += 2;
                while braces > 0 && at < bytes.len() {
                    match bytes[at] {
                        b'"' => at = after_string(bytes, at, kotlin, depth + 1),
                        b'{' => (braces, at) = (braces + 1, at + 1),
                        b'}' => (braces, at) = (braces - 1, at + 1),
                        _ => at += 1,
                    }
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}
