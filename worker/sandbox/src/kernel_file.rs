//! Files of which the kernel says the length only when they are read: those of `/proc` and of control groups.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// More than most of them hold.
const ROOM: usize = 8 << 10;

/// The whole text, in as few reads as it takes. For each read of a list of mounts the kernel holds up whoever mounts.
///
/// # Errors
/// It cannot be read, or is no UTF-8.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let mut text = String::with_capacity(ROOM);
    // Asked for the length, the file would say 0.
    File::open(path)?.take(u64::MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// A number or some lines, which the kernel gives in one piece.
///
/// # Errors
/// As above.
pub(crate) fn read_small(file: &File) -> io::Result<String> {
    let mut bytes = [0; 4096];
    let length = file.read_at(&mut bytes, 0)?;
    String::from_utf8(bytes[..length].to_vec()).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn all_of_a_file_is_read_whatever_its_length() {
        for name in ["/proc/self/stat", "/proc/self/smaps", "/proc/kallsyms"] {
            let expected = std::fs::read_to_string(name).map(|text| text.lines().count());
            let read = super::read(Path::new(name)).map(|text| text.lines().count());
            // Memory is mapped in between.
            let differ = read.expect("is read").abs_diff(expected.expect("is read"));
            assert!(differ < 100, "{name}: {differ} lines");
        }
    }
}
