//! Archives of packages: unpacked into a temporary directory, within bounds, never outside it.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

const MAX_ENTRIES: usize = 100_000;
const MAX_BYTES: u64 = 4 << 30;

/// Directories of unpacked archives; then comes the process that they belong to.
const PREFIX: &str = "assay-package-";

/// Removes what processes that were killed have left.
fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists())
            && let Err(error) = fs::remove_dir_all(entry.path())
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %entry.path().display(), %error, "what another process left cannot be removed");
        }
    }
}

/// Unpacks a zip file. The directory goes when the result is dropped.
pub(super) fn unpack(path: &Path) -> Result<tempfile::TempDir, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut magic = [0; 2];
    if (&file).read_exact(&mut magic).is_err() || magic != *b"PK" {
        return Err("is no problem package, not a directory and not a zip archive; JSON Lines end in .jsonl, a source file needs \
                    --problem of `assay grade`"
            .to_owned());
    }
    let declared = declared_entries(&file);
    let mut archive =
        zip::ZipArchive::new(file).map_err(|error| format!("not a zip archive that can be read: {error}"))?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!("has {} entries, more than {MAX_ENTRIES}", archive.len()));
    }
    // The reader keeps the last of the entries of one name. Which one was meant cannot be known.
    if let Some(declared) = declared
        && declared != archive.len()
    {
        return Err(format!("has {declared} entries with only {} different names", archive.len()));
    }
    if archive.decompressed_size().is_some_and(|size| size > u128::from(MAX_BYTES)) {
        return Err(too_large());
    }
    sweep();
    let dir = tempfile::Builder::new()
        .prefix(&format!("{PREFIX}{}-", std::process::id()))
        .tempdir()
        .map_err(|error| format!("cannot make a temporary directory: {error}"))?;
    let mut left = MAX_BYTES;
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| format!("entry {index}: {error}"))?;
        let name = entry.name().escape_default().to_string();
        let target =
            entry.enclosed_name().ok_or_else(|| format!("entry \"{name}\" would leave the archive's directory"))?;
        let target = dir.path().join(target);
        let fail = |error: io::Error| format!("entry \"{name}\": {error}");
        if entry.is_dir() {
            fs::create_dir_all(&target).map_err(fail)?;
            continue;
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
        }
        if entry.is_symlink() {
            let mut to = String::new();
            entry.by_ref().take(4096).read_to_string(&mut to).map_err(fail)?;
            links.push((name, target, to));
        } else if entry.is_file() {
            let mut out = fs::File::create_new(&target).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => format!("entry \"{name}\": another entry has the same name"),
                _ => fail(error),
            })?;
            // What an entry says of its size is not to be trusted.
            left -= io::copy(&mut entry.by_ref().take(left), &mut out).map_err(fail)?;
            if left == 0 {
                return Err(too_large());
            }
        } else {
            return Err(format!("entry \"{name}\" is no file, directory or link"));
        }
    }
    // Last, so that nothing is written through a link. Where they lead is checked when the package is read.
    for (name, target, to) in links {
        if target
            .parent()
            .is_some_and(|parent| parent.ancestors().take_while(|at| *at != dir.path()).any(Path::is_symlink))
        {
            return Err(format!("entry \"{name}\" is below a link"));
        }
        std::os::unix::fs::symlink(&to, &target).map_err(|error| format!("entry \"{name}\": {error}"))?;
    }
    Ok(dir)
}

fn too_large() -> String {
    format!("holds more than {} GiB when unpacked", MAX_BYTES >> 30)
}

/// How many entries the archive's own directory counts. Unknown in archives of 65,535 entries and more.
fn declared_entries(mut file: &fs::File) -> Option<usize> {
    const RECORD: usize = 22;
    let length = file.metadata().ok()?.len();
    let start = length.saturating_sub(RECORD as u64 + 0xffff);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start)).ok()?;
    file.read_to_end(&mut tail).ok()?;
    file.seek(SeekFrom::Start(0)).ok()?;
    let at = tail.windows(RECORD).rposition(|window| window.starts_with(b"PK\x05\x06"))?;
    let count = u16::from_le_bytes([tail[at + 10], tail[at + 11]]);
    (count != u16::MAX).then_some(usize::from(count))
}
