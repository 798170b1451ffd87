//! Archives of packages: unpacked into a temporary directory, within bounds, never outside it.

#[cfg(test)]
mod fuzz;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

const MAX_ENTRIES: usize = 100_000;
const MAX_BYTES: u64 = 4 << 30;
const MAX_NAME: u64 = 4096;

/// Where a tar says that it is one.
const MAGIC_AT: usize = 257;

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

/// What a file is, by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Zip,
    Tar,
    /// A tar that is compressed by gzip.
    TarGz,
}

impl Kind {
    fn of(file: &fs::File) -> Result<Self, String> {
        let mut head = Vec::new();
        let read = file.take(MAGIC_AT as u64 + 5).read_to_end(&mut head);
        let (mut rewound, begins) = (file, |magic: &[u8]| head.starts_with(magic));
        rewound.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
        if read.is_ok() && begins(b"PK") {
            return Ok(Self::Zip);
        }
        if begins(b"\x1f\x8b") {
            return Ok(Self::TarGz);
        }
        if head.get(MAGIC_AT..) == Some(b"ustar") {
            return Ok(Self::Tar);
        }
        for (magic, name) in [(b"\xfd7zXZ".as_slice(), "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bzip2")] {
            if begins(magic) {
                return Err(format!("is compressed by {name}; pack it as .zip or .tar.gz"));
            }
        }
        Err("is no problem package, not a directory and not a zip archive or a tar; JSON Lines end in .jsonl, a source file \
             needs --problem of `assay grade`"
            .to_owned())
    }
}

/// Unpacks a zip file or a tar. The directory goes when the result is dropped.
pub(super) fn unpack(path: &Path) -> Result<tempfile::TempDir, String> {
    unpack_within(path, MAX_BYTES)
}

fn unpack_within(path: &Path, most: u64) -> Result<tempfile::TempDir, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    match Kind::of(&file)? {
        Kind::Zip => unpack_zip(file, most),
        Kind::Tar => unpack_tar(file, most),
        Kind::TarGz => unpack_tar(flate2::read::MultiGzDecoder::new(io::BufReader::new(file)), most),
    }
}

/// Where an archive is unpacked, and what of it may still come.
struct Unpacking {
    dir: tempfile::TempDir,
    left: u64,
    links: Vec<(String, PathBuf, PathBuf)>,
}

impl Unpacking {
    fn new(most: u64) -> Result<Self, String> {
        sweep();
        let dir = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir()
            .map_err(|error| format!("cannot make a temporary directory: {error}"))?;
        Ok(Self { dir, left: most, links: Vec::new() })
    }

    fn directory(&self, name: &str, target: &Path) -> Result<(), String> {
        fs::create_dir_all(self.dir.path().join(target)).map_err(|error| format!("entry \"{name}\": {error}"))
    }

    /// Writes a file, and says how many bytes it has.
    fn file(&mut self, name: &str, target: &Path, content: &mut dyn io::Read) -> Result<u64, String> {
        let fail = |error: io::Error| format!("entry \"{name}\": {error}");
        if let Some(parent) = target.parent() {
            self.directory(name, parent)?;
        }
        let mut out = fs::File::create_new(self.dir.path().join(target)).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => format!("entry \"{name}\": another entry has the same name"),
            _ => fail(error),
        })?;
        // What an entry says of its size is not to be trusted.
        let written = io::copy(&mut content.take(self.left), &mut out).map_err(fail)?;
        self.left -= written;
        if self.left == 0 { Err(too_large()) } else { Ok(written) }
    }

    fn link(&mut self, name: String, target: &Path, to: PathBuf) -> Result<(), String> {
        if let Some(parent) = target.parent() {
            self.directory(&name, parent)?;
        }
        self.links.push((name, target.to_owned(), to));
        Ok(())
    }

    /// Makes the links, last, so that nothing is written through one. Where they lead is checked when the package is read.
    fn finish(self) -> Result<tempfile::TempDir, String> {
        let Self { dir, links, .. } = self;
        for (name, target, to) in links {
            let target = dir.path().join(target);
            let mut above = target.ancestors().skip(1).take_while(|at| *at != dir.path());
            if above.any(Path::is_symlink) {
                return Err(format!("entry \"{name}\" is below a link"));
            }
            std::os::unix::fs::symlink(&to, &target).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => format!("entry \"{name}\": another entry has the same name"),
                _ => format!("entry \"{name}\": {error}"),
            })?;
        }
        Ok(dir)
    }
}

fn unpack_zip(file: fs::File, most: u64) -> Result<tempfile::TempDir, String> {
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
    if archive.decompressed_size().is_some_and(|size| size > u128::from(most)) {
        return Err(too_large());
    }
    let mut unpacking = Unpacking::new(most)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| format!("entry {index}: {error}"))?;
        let name = entry.name().escape_default().to_string();
        let target = entry.enclosed_name().ok_or_else(|| leaves(&name))?;
        if entry.is_dir() {
            unpacking.directory(&name, &target)?;
        } else if entry.is_symlink() {
            let mut to = String::new();
            let read = entry.by_ref().take(MAX_NAME).read_to_string(&mut to);
            read.map_err(|error| format!("entry \"{name}\": {error}"))?;
            unpacking.link(name, &target, to.into())?;
        } else if entry.is_file() {
            unpacking.file(&name, &target, &mut entry)?;
        } else {
            return Err(format!("entry \"{name}\" is no file, directory or link"));
        }
    }
    unpacking.finish()
}

/// Unpacks a tar as it is read. Entries that only describe the next one are read here, because their sizes have no bound
/// where the library reads them.
fn unpack_tar(reader: impl io::Read, most: u64) -> Result<tempfile::TempDir, String> {
    let fail = |error: io::Error| format!("not a tar that can be read: {error}");
    // Headers, and what fills up their blocks, are not counted among the contents.
    let mut reader = Ending { reader: reader.take(most + MAX_ENTRIES as u64 * 2048), zeros: 0 };
    let mut archive = tar::Archive::new(&mut reader);
    let mut unpacking = Unpacking::new(most)?;
    let (mut long_name, mut long_link): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
    for (count, entry) in archive.entries().map_err(fail)?.raw(true).enumerate() {
        let mut entry = entry.map_err(fail)?;
        if count >= MAX_ENTRIES {
            return Err(format!("has more than {MAX_ENTRIES} entries"));
        }
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_gnu_longlink() {
            let mut text = description(&mut entry)?;
            text.truncate(text.iter().position(|byte| *byte == 0).unwrap_or(text.len()));
            if kind.is_gnu_longname() {
                long_name = Some(text);
            } else {
                long_link = Some(text);
            }
            continue;
        }
        if kind.is_pax_global_extensions() {
            description(&mut entry)?;
            continue;
        }
        if kind.is_pax_local_extensions() {
            let text = description(&mut entry)?;
            for record in tar::PaxExtensions::new(&text) {
                let record = record.map_err(fail)?;
                match record.key_bytes() {
                    b"path" => long_name = Some(record.value_bytes().to_vec()),
                    b"linkpath" => long_link = Some(record.value_bytes().to_vec()),
                    b"size" => return Err(too_large()),
                    key if key.starts_with(b"GNU.sparse") => {
                        return Err("has a sparse file; pack it without --sparse".to_owned());
                    }
                    _ => {}
                }
            }
            continue;
        }
        let path = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let link = long_link.take().or_else(|| entry.link_name_bytes().map(std::borrow::Cow::into_owned));
        let name = String::from_utf8_lossy(&path).escape_default().to_string();
        let target = enclosed(&path).ok_or_else(|| leaves(&name))?;
        if kind.is_dir() {
            unpacking.directory(&name, &target)?;
        } else if kind.is_symlink() {
            let to = link.ok_or_else(|| format!("entry \"{name}\" is a link to nothing"))?;
            unpacking.link(name, &target, OsString::from_vec(to).into())?;
        } else if kind.is_hard_link() {
            // One more name of a file that came before.
            let other = link.as_deref().and_then(enclosed).ok_or_else(|| leaves(&name))?;
            let mut content = fs::File::open(unpacking.dir.path().join(other))
                .map_err(|error| format!("entry \"{name}\": {error}"))?;
            unpacking.file(&name, &target, &mut content)?;
        } else if kind.is_file() || kind.is_contiguous() {
            let size = entry.size();
            if size >= unpacking.left {
                return Err(too_large());
            }
            if unpacking.file(&name, &target, &mut entry)? != size {
                return Err(format!("entry \"{name}\" is cut off: the archive is not complete"));
            }
        } else {
            return Err(format!("entry \"{name}\" is no file, directory or link"));
        }
    }
    io::copy(&mut reader, &mut io::sink()).map_err(fail)?;
    if reader.zeros < 1024 {
        return Err("a tar without its end: the archive is not complete".to_owned());
    }
    unpacking.finish()
}

/// Counts the zeros at the end of what is read: two blocks of them end a tar (tar(5)).
struct Ending<R> {
    reader: R,
    zeros: usize,
}

impl<R: io::Read> io::Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        let zeros = buffer[..length].iter().rev().take_while(|byte| **byte == 0).count();
        self.zeros = if zeros == length { self.zeros + zeros } else { zeros };
        Ok(length)
    }
}

/// What an entry says of the next one.
fn description(entry: &mut impl io::Read) -> Result<Vec<u8>, String> {
    const MOST: u64 = 1 << 20;
    let mut text = Vec::new();
    entry.take(MOST + 1).read_to_end(&mut text).map_err(|error| format!("not a tar that can be read: {error}"))?;
    if text.len() as u64 > MOST { Err(format!("has a header of more than {MOST} bytes")) } else { Ok(text) }
}

/// The path within the archive's directory; nothing if it would leave it.
fn enclosed(path: &[u8]) -> Option<PathBuf> {
    let mut target = PathBuf::new();
    for part in Path::new(OsStr::from_bytes(path)).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) if !name.as_bytes().contains(&0) => target.push(name),
            _ => return None,
        }
    }
    Some(target)
}

fn leaves(name: &str) -> String {
    format!("entry \"{name}\" would leave the archive's directory")
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
