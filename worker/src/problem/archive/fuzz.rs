//! Damaged archives of packages: nothing is unpacked outside, nothing more than the bound, and what is refused is told.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::unpack_within;
use crate::damage::Damage;

const MOST: u64 = 1 << 20;

/// What an archive that gets out would leave behind.
///
/// With `../` it is as long as a name in the seeds: in a zip, lengths are told elsewhere.
const OUTSIDE: &str = "fuzz-escape";

const WORDS: &[&str] = &[
    "../fuzz-escape",
    "../../fuzz-escape",
    "/tmp/fuzz-escape",
    "p/link/fuzz-escape",
    "p/problem.yaml",
    "p/link",
    "ustar\0",
    "ustar  \0",
    "././@LongLink",
    "23 path=../fuzz-escape\n",
    "17 linkpath=/tmp\n",
    "GNU.sparse.major=1",
    "PK\x01\x02",
    "PK\x03\x04",
    "PK\x05\x06",
    "\x7f\x7f\x7f\x7f",
    "77777777777",
    "00000000000",
    "\0\0\0\0",
];

/// Names, and contents or where a link leads.
const FILES: [(&str, Result<&str, &str>); 5] = [
    ("p/problem.yaml", Ok("name: x\n")),
    ("p/data/secret/1.in", Ok("1\n")),
    ("p/data/secret/1.ans", Ok("1\n")),
    ("p/submissions/accepted/a.py", Ok("print(1)\n")),
    ("p/link", Err("data/secret")),
];

fn zip() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (index, (name, content)) in FILES.iter().enumerate() {
        let method = [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated][index % 2];
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        match content {
            Ok(content) => {
                archive.start_file(*name, options).expect("a file");
                archive.write_all(content.as_bytes()).expect("written");
            }
            Err(to) => archive.add_symlink(*name, *to, options).expect("a link"),
        }
    }
    archive.finish().expect("an archive").into_inner()
}

fn tar() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let long = format!("p/include/default/{}/x", "y".repeat(120));
    for (name, content) in FILES.iter().copied().chain([(long.as_str(), Ok("1"))]) {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        match content {
            Ok(content) => {
                header.set_size(content.len() as u64);
                archive.append_data(&mut header, name, content.as_bytes()).expect("a file");
            }
            Err(to) => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                archive.append_link(&mut header, name, to).expect("a link");
            }
        }
    }
    let extension = [("path", b"p/data/secret/2.in".as_slice()), ("mtime", b"1")];
    archive.append_pax_extensions(extension).expect("an extension");
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Link);
    header.set_size(0);
    archive.append_link(&mut header, "p/data/secret/3.in", "p/data/secret/1.in").expect("a hard link");
    archive.into_inner().expect("an archive")
}

/// Makes the sums of a tar's headers right again, wherever a header may be.
fn mend(bytes: &mut [u8]) {
    if bytes.starts_with(b"PK") {
        return;
    }
    for block in bytes.chunks_exact_mut(512).filter(|block| block.iter().any(|byte| *byte != 0)) {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}

fn look(file: &Path, bytes: &[u8]) {
    fs::write(file, bytes).expect("a file");
    match unpack_within(file, MOST) {
        Ok(dir) => {
            let mut total = 0;
            let mut open: Vec<PathBuf> = vec![dir.path().to_owned()];
            while let Some(path) = open.pop() {
                let meta = path.symlink_metadata().expect("it was listed");
                if meta.is_dir() {
                    open.extend(fs::read_dir(&path).expect("a directory").map(|entry| entry.expect("an entry").path()));
                } else if meta.is_file() {
                    total += meta.len();
                }
            }
            assert!(total <= MOST, "{total} bytes");
        }
        Err(why) => assert!(why.trim().len() > 8 && why.len() < 4096 + 8 * bytes.len(), "{why}"),
    }
    let parent = file.parent().expect("a parent");
    for place in [parent, &std::env::temp_dir(), &std::env::temp_dir().join("..")] {
        assert!(place.join(OUTSIDE).symlink_metadata().is_err(), "{}", place.display());
    }
}

#[test]
fn archives() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("archive");
    for seed in [zip(), tar()] {
        fs::write(&file, seed).expect("a file");
        let unpacked = unpack_within(&file, MOST).expect("a good archive");
        assert!(unpacked.path().join("p/link/1.ans").is_file());
    }
    Damage { seeds: vec![zip(), tar()], words: WORDS, mend }.check(|_, bytes| look(&file, bytes));
}

/// The same, packed after the damage, which the sum of a compressed stream would show else; and damaged after it.
#[test]
fn compressed_archives() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("archive");
    let packed = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).expect("written");
        packer.finish().expect("packed")
    };
    let seeds = vec![tar(), packed(&tar()), packed(&vec![0; 3 << 20])];
    Damage { seeds, words: WORDS, mend }.check(|index, bytes| match index {
        0 => look(&file, &packed(bytes)),
        _ => look(&file, bytes),
    });
}
