//! Posture: what a program is and sees, as the kernel shows it in `/proc/self`, compared with a golden file: for the first run and the
//! last one, and in every language that can copy a file. A program says nothing of itself here, it only copies.

use serde_json::{Value, json};
use uuid::Uuid;

/// What is copied, in this order.
const FILES: [&str; 4] = ["/proc/self/status", "/proc/self/limits", "/proc/self/mountinfo", "/proc/self/cgroup"];

/// A program in each language that copies the files that standard input names, one a line.
pub(crate) const PROGRAMS: &[(&str, &str, &str)] = &[
    (
        "c",
        "main.c",
        "#include <stdio.h>\n#include <string.h>\nint main(void) { char name[256], line[4096]; while (fgets(name, 256, stdin)) { \
         name[strcspn(name, \"\\n\")] = 0; FILE *f = fopen(name, \"r\"); if (!f) return 1; while (fgets(line, 4096, f)) fputs(line, stdout); \
         fclose(f); } return 0; }",
    ),
    (
        "cpp17",
        "main.cpp",
        "#include <fstream>\n#include <iostream>\nint main() { for (std::string n; std::getline(std::cin, n);) { std::ifstream f(n); \
         std::cout << f.rdbuf(); } }",
    ),
    (
        "python3",
        "main.py",
        "import sys\nfor name in sys.stdin.read().split():\n    sys.stdout.write(open(name).read())\n",
    ),
    (
        "bash",
        "main.sh",
        "while read -r name; do while IFS= read -r line; do printf '%s\\n' \"$line\"; done <\"$name\"; done\n",
    ),
    ("perl", "main.pl", "while (<STDIN>) { chomp; open(my $f, '<', $_) or die; print <$f>; }\n"),
    ("ruby", "main.rb", "STDIN.each_line { |name| print File.read(name.chomp) }\n"),
    (
        "javascript",
        "main.js",
        "const fs = require('fs');\nfor (const name of fs.readFileSync(0, 'utf8').trim().split('\\n')) \
         process.stdout.write(fs.readFileSync(name));\n",
    ),
    (
        "java",
        "Main.java",
        "import java.nio.file.*;\nimport java.util.*;\npublic class Main { public static void main(String[] a) throws Exception { \
         Scanner in = new Scanner(System.in); while (in.hasNext()) System.out.print(new String(Files.readAllBytes(Path.of(in.next())))); } }",
    ),
    (
        "go",
        "main.go",
        "package main\nimport (\"bufio\"; \"os\")\nfunc main() { s := bufio.NewScanner(os.Stdin); for s.Scan() { b, _ := os.ReadFile(s.Text()); \
         os.Stdout.Write(b) } }",
    ),
    (
        "rust",
        "main.rs",
        "fn main() { for name in std::io::stdin().lines() { print!(\"{}\", std::fs::read_to_string(name.unwrap()).unwrap()); } }",
    ),
    ("lua", "main.lua", "for name in io.lines() do local f = io.open(name); io.write(f:read('a')); f:close() end\n"),
    ("php", "main.php", "<?php while (($name = fgets(STDIN)) !== false) { echo file_get_contents(trim($name)); }\n"),
];

pub(crate) fn message(language: &str, name: &str, program: &str) -> Value {
    json!({
        "version": 1, "submission_id": Uuid::new_v4(), "language": language, "files": [{"name": name, "text": program}],
        "tests": [{"id": "1", "stdin": format!("{}\n", FILES.join("\n")), "expected": ""}],
        "limits": {"cpu_ms": 20_000, "wall_ms": 60_000, "memory_bytes": 512 << 20, "pids": 64, "file_bytes": 16 << 20},
    })
}

/// What of the copied text is the sandbox's doing and the same each time: no numbers of processes and devices, nothing that a runtime
/// sets for itself.
pub(crate) fn normalised(text: &str) -> String {
    const OF_STATUS: &[&str] = &[
        "Uid:",
        "Gid:",
        "Groups:",
        "NStgid:",
        "CapInh:",
        "CapPrm:",
        "CapEff:",
        "CapBnd:",
        "CapAmb:",
        "NoNewPrivs:",
        "Seccomp:",
        "Seccomp_filters:",
        "PPid:",
        "Pid:",
        "TracerPid:",
        "NSpid:",
        "Umask:",
    ];
    let mut lines = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_mount = words.contains(&"-") && words.len() > 8;
        if is_mount {
            lines.push(mount(&words));
        } else if line.starts_with("Max processes") {
            // Of one user, and only a net under the control group's: the host's.
        } else if OF_STATUS.iter().any(|name| line.starts_with(name))
            || line.starts_with("Max ")
            || line.contains("::")
            || is_group(line)
        {
            lines.push(words.join(" "));
        }
    }
    // In what order the mounts came says nothing.
    let is_mount = |line: &String| line.starts_with("mount ");
    let mut mounts: Vec<String> = lines.iter().filter(|line| is_mount(line)).cloned().collect();
    mounts.sort();
    // A program that is small is copied, as every one is before Linux 6.15.
    if mounts.iter().filter(|line| line.starts_with(PROGRAM_SHOWN)).count() == 1 {
        mounts.retain(|line| *line != format!("{PROGRAM_SHOWN}ro,nosuid,nodev tmpfs"));
    }
    lines.retain(|line| !is_mount(line));
    lines.extend(mounts);
    lines.dedup();
    lines.join("\n") + "\n"
}

/// How the line of a program begins that is shown.
const PROGRAM_SHOWN: &str = "mount of the program ";

/// A line of mountinfo without what the kernel numbers, what a limit or a host decides, and who owns. What is shown of the host's disks
/// depends on its toolchains: one line stands for all that are shown alike.
fn mount(words: &[&str]) -> String {
    const OF_HOST: &[&str] = &["uid=", "gid=", "size=", "nr_inodes=", "relatime", "noatime", "inode64"];
    let shown = |word: &str| {
        let fields = word.split(',').filter(|field| !OF_HOST.iter().any(|name| field.starts_with(name)));
        fields.collect::<Vec<_>>().join(",")
    };
    let after = words.iter().position(|word| *word == "-").unwrap_or_default();
    let (place, flags, kind) = (words[4], shown(words[5]), words[after + 1]);
    if place.starts_with("/work/") && words[3] == "/file" {
        return format!("{PROGRAM_SHOWN}{flags} {kind}");
    }
    if place.starts_with("/dev/") && place != "/dev/shm" {
        return format!("mount {place} {flags} device");
    }
    if !["tmpfs", "proc"].contains(&kind) {
        return format!("mount of a disk {flags}");
    }
    format!("mount {place} {flags} {kind} {}", shown(words[words.len() - 1]))
}

/// A line of /proc/self/cgroup: number, controllers, path. Which hierarchies a host has is its own matter.
fn is_group(line: &str) -> bool {
    let mut parts = line.splitn(3, ':');
    parts.next().is_some_and(|number| number.parse::<u32>().is_ok()) && parts.nth(1).is_some_and(|path| path != "/")
}

/// The first lines in which two texts differ.
pub(crate) fn difference(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let only = |a: &str, b: &str| {
        a.lines().filter(|line| !b.lines().any(|other| other == *line)).take(6).map(str::to_owned).collect::<Vec<_>>()
    };
    Some(format!("missing {:?}, new {:?}", only(expected, found), only(found, expected)))
}
