//! A header that is compiled before the sources that begin with it.
//!
//! Only a source that has nothing but comments before the header can be compiled so: what came before might mean something to it.

use assay_sandbox::Profile;

use super::definition::StepDefinition;
use super::{Fill, Step, WORK_DIR};

/// Where the header is looked for, in [`WORK_DIR`]: a directory that no file of a submission can be in.
const DIRECTORY: &str = ".assay/include";

/// How a header is compiled, and how that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precompiled {
    header: String,
    /// The step that compiles the header: [`Self::SOURCE`] to [`Self::MADE`].
    pub make: Step,
    /// The compile step, which looks for it, whether it is there or not.
    pub with: Step,
}

impl Precompiled {
    /// The file that is compiled, in [`WORK_DIR`].
    pub const SOURCE: &str = "header.h";
    /// What it becomes.
    pub const MADE: &str = "header.made";

    pub(super) fn new(fill: &Fill<'_>, definition: &StepDefinition, header: &str) -> Self {
        let of_header = Fill {
            exe: Some(format!("{WORK_DIR}/{}", Self::MADE)),
            sources: ["-x", "c++-header", Self::SOURCE].map(str::to_owned).to_vec(),
            ..Fill::of_toolchain(fill.toolchain)
        };
        let mut with = fill.step(definition, Profile::Compile);
        with.argv.insert(1.min(with.argv.len()), format!("-I{WORK_DIR}/{DIRECTORY}"));
        Self { header: header.to_owned(), make: of_header.step(definition, Profile::Compile), with }
    }

    /// The content of [`Self::SOURCE`].
    pub fn source(&self) -> String {
        format!("#include <{}>\n", self.header)
    }

    /// A directory in [`WORK_DIR`] where GCC tries every file in the place of the header. It has to be there always: a source may ask
    /// for paths through it.
    pub fn directory(&self) -> String {
        format!("{DIRECTORY}/{}.gch", self.header)
    }

    /// Where the compiled header has to be. A source cannot ask whether it is there without knowing its name, which is `key`.
    pub fn place(&self, key: &str) -> String {
        format!("{}/{key}", self.directory())
    }
}

/// Whether a source has nothing before this header but white space and comments.
pub(super) fn begins_with(source: &[u8], header: &str) -> bool {
    let Some(rest) = behind_comments(source) else { return false };
    let include = || blanks(blanks(rest.strip_prefix(b"#")?).strip_prefix(b"include")?).strip_prefix(b"<");
    include().and_then(|name| name.strip_prefix(header.as_bytes())).is_some_and(|rest| rest.starts_with(b">"))
}

/// What follows them; nothing if one does not end, or may not end where it seems to, for lines are joined at a backslash.
fn behind_comments(source: &[u8]) -> Option<&[u8]> {
    let mut rest = source.trim_ascii_start();
    loop {
        let (comment, behind) = if let Some(line) = rest.strip_prefix(b"//") {
            line.split_at(line.iter().position(|byte| *byte == b'\n')?)
        } else if let Some(text) = rest.strip_prefix(b"/*") {
            text.split_at(2 + text.windows(2).position(|pair| pair == b"*/")?)
        } else {
            return Some(rest);
        };
        if comment.contains(&b'\\') {
            return None;
        }
        rest = behind.trim_ascii_start();
    }
}

fn blanks(text: &[u8]) -> &[u8] {
    let length = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    &text[length..]
}

#[cfg(test)]
mod tests {
    use super::begins_with;

    #[test]
    fn only_comments_may_come_before_the_header() {
        let begins = |source: &str| begins_with(source.as_bytes(), "bits/stdc++.h");
        for source in [
            "#include <bits/stdc++.h>",
            "\r\n // a\n/* b\n * c */ # include\t<bits/stdc++.h> // d\nint main() {}\n",
            "/**//**/#include<bits/stdc++.h>\r\n",
        ] {
            assert!(begins(source), "{source}");
        }
        for source in [
            "",
            "/",
            "// #include <bits/stdc++.h>",
            "/* #include <bits/stdc++.h>",
            "#include \"bits/stdc++.h\"",
            "#include <bits/stdc++.hpp>",
            "#include <iostream>\n#include <bits/stdc++.h>",
            "#define x\n#include <bits/stdc++.h>",
            "#pragma GCC optimize(\"O3\")\n#include <bits/stdc++.h>",
            "// a\\\n#include <bits/stdc++.h>",
            "/* a *\\\n/ */\n#include <bits/stdc++.h>",
            "\u{feff}#include <bits/stdc++.h>",
            "#import <bits/stdc++.h>",
            "int a; #include <bits/stdc++.h>",
        ] {
            assert!(!begins(source), "{source}");
        }
    }
}
