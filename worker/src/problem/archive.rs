//! Archives of packages: unpacked into a temporary directory, within bounds, never outside it.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

const MAX_ENTRIES: usize = 100_000;
const MAX_BYTES: u64 = 4 << 30;

/// Unpacks a zip file. The directory goes when the result is dropped.
pub(super) fn unpack(path: &Path) -> Result<tempfile::TempDir, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut archive =
        zip::ZipArchive::new(file).map_err(|error| format!("not a zip archive that can be read: {error}"))?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!("has {} entries, more than {MAX_ENTRIES}", archive.len()));
    }
    let dir = tempfile::tempdir().map_err(|error| format!("cannot make a temporary directory: {error}"))?;
    let mut left = MAX_BYTES;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| format!("entry {index}: {error}"))?;
        let name = entry.name().escape_default().to_string();
        let target =
            entry.enclosed_name().ok_or_else(|| format!("entry \"{name}\" would leave the archive's directory"))?;
        let target = dir.path().join(target);
        let fail = |error: io::Error| format!("entry \"{name}\": {error}");
        if entry.is_dir() {
            fs::create_dir_all(&target).map_err(fail)?;
        } else if entry.is_file() {
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent).map_err(fail)?;
            }
            let mut out = fs::File::create(&target).map_err(fail)?;
            left -= io::copy(&mut entry.by_ref().take(left), &mut out).map_err(fail)?;
            if left == 0 {
                return Err(format!("holds more than {} GiB when unpacked", MAX_BYTES >> 30));
            }
        }
    }
    Ok(dir)
}

/// The package in an unpacked archive: at its top, or in the only directory there.
pub(super) fn package_root(dir: &Path) -> PathBuf {
    let below: Vec<PathBuf> = super::children(dir).into_iter().filter(|child| child.is_dir()).collect();
    match below.as_slice() {
        [only] if !super::is_package(dir) => only.clone(),
        _ => dir.to_owned(),
    }
}
