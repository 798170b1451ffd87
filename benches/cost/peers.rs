//! The same program in other sandboxes, each with everything that it can make fresh: all namespaces, read-only system directories,
//! a temporary work directory, `/proc`, no capabilities. Those of them that are not installed are left out, with a word.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::measure::Bare;

/// From the sandbox's path, the program's command and a directory for files to the whole command.
type Make = fn(&str, &[&str], &Path) -> Bare;

const SYSTEM: [&str; 5] = ["bin", "sbin", "lib", "lib32", "lib64"];

/// The commands of the other sandboxes that are here and work, by their names.
pub(crate) fn all(argv: &[&str], dir: &Path) -> Vec<(String, Bare)> {
    let makers: [(&str, Make); 5] =
        [("bwrap", bwrap), ("crun", crun), ("nsjail", nsjail), ("minijail0", minijail), ("isolate", isolate)];
    let mut found = Vec::new();
    for (name, make) in makers {
        let Some(path) = which(name) else {
            println!("skipped: {name} is not installed");
            continue;
        };
        let peer = make(&path, argv, dir);
        match peer.run() {
            Ok(_) => found.push((name.to_owned(), peer)),
            Err(error) => println!("skipped: {name} does not work here: {error}"),
        }
    }
    if which("go-judge").is_some() {
        println!("skipped: go-judge is a server, and reuses its containers");
    }
    found
}

pub(crate) fn which(name: &str) -> Option<String> {
    ["/usr/local/bin", "/usr/bin", "/usr/sbin", "/sbin"]
        .iter()
        .map(|dir| format!("{dir}/{name}"))
        .find(|path| Path::new(path).exists())
}

/// The directory of a program that is not the system's.
fn own_directory(argv: &[&str]) -> Option<String> {
    let parent = Path::new(argv[0]).parent()?.to_str()?.to_owned();
    (!parent.starts_with("/usr") && !parent.starts_with("/bin")).then_some(parent)
}

fn bare(path: &str, options: Vec<String>, argv: &[&str]) -> Bare {
    let mut whole = vec![path.to_owned()];
    whole.extend(options);
    whole.extend(argv.iter().map(|&argument| argument.to_owned()));
    Bare { argv: whole, ..Bare::new(&[]) }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// System directories as links where they are links.
fn system() -> Vec<(String, Option<String>)> {
    let mut directories = vec![("/usr".to_owned(), None)];
    for name in SYSTEM {
        let path = format!("/{name}");
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_symlink() => {
                let to = fs::read_link(&path).unwrap().to_string_lossy().into_owned();
                directories.push((path, Some(to)));
            }
            Ok(_) => directories.push((path, None)),
            Err(_) => {}
        }
    }
    directories
}

fn bwrap(path: &str, argv: &[&str], _: &Path) -> Bare {
    let mut options = words("--unshare-all --unshare-user --new-session --die-with-parent --clearenv --cap-drop ALL");
    for (path, link) in system() {
        match link {
            Some(to) => options.extend(["--symlink".to_owned(), to, path]),
            None => options.extend(["--ro-bind".to_owned(), path.clone(), path]),
        }
    }
    options.extend(words("--proc /proc --dev /dev --tmpfs /tmp --tmpfs /work --chdir /work"));
    if let Some(own) = own_directory(argv) {
        options.extend(["--ro-bind".to_owned(), own.clone(), own]);
    }
    options.push("--".to_owned());
    bare(path, options, argv)
}

fn crun(path: &str, argv: &[&str], dir: &Path) -> Bare {
    let bundle = dir.join(format!("crun-{}", argv[0].replace('/', "_")));
    fs::create_dir_all(bundle.join("rootfs")).unwrap();
    let tmpfs = |at: &str| json!({"destination": at, "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "size=64m"]});
    let bind =
        |at: &str| json!({"destination": at, "type": "bind", "source": at, "options": ["rbind", "ro", "nosuid"]});
    let mut mounts = vec![
        json!({"destination": "/proc", "type": "proc", "source": "proc"}),
        tmpfs("/dev"),
        tmpfs("/tmp"),
        tmpfs("/work"),
    ];
    mounts.push(bind("/usr"));
    for (path, link) in system() {
        match link {
            Some(to) => std::os::unix::fs::symlink(to, bundle.join("rootfs").join(&path[1..])).unwrap_or_default(),
            None => mounts.push(bind(&path)),
        }
    }
    mounts.extend(own_directory(argv).map(|own| bind(&own)));
    // Whoever is root inside may make none.
    for mount in &mounts {
        fs::create_dir_all(bundle.join("rootfs").join(&mount["destination"].as_str().unwrap()[1..])).unwrap();
    }
    let namespaces = ["pid", "network", "ipc", "uts", "mount", "cgroup", "user"].map(|kind| json!({"type": kind}));
    let ids = json!([{"containerID": 0, "hostID": 100_000, "size": 65_536}]);
    let config = json!({
        "ociVersion": "1.0.0",
        "process": {"terminal": false, "user": {"uid": 1000, "gid": 1000}, "args": argv, "env": [], "cwd": "/work",
            "noNewPrivileges": true},
        "root": {"path": "rootfs", "readonly": true},
        "mounts": mounts,
        "linux": {"namespaces": namespaces, "uidMappings": ids, "gidMappings": ids,
            "resources": {"memory": {"limit": 256 << 20}, "pids": {"limit": 64}}},
    });
    fs::write(bundle.join("config.json"), config.to_string()).unwrap();
    // Each run needs a name of its own.
    let script =
        format!("exec {path} --cgroup-manager=disabled --root {0}/state run --bundle {0} $$", bundle.display());
    Bare::new(&["/bin/sh", "-c", &script])
}

fn nsjail(path: &str, argv: &[&str], _: &Path) -> Bare {
    let mut options = words("-Mo --really_quiet --rlimit_as hard --cwd /work -T /tmp -T /work");
    for (path, link) in system() {
        options.extend(match link {
            Some(to) => ["--symlink".to_owned(), format!("{to}:{path}")],
            None => ["-R".to_owned(), path],
        });
    }
    options.extend(own_directory(argv).into_iter().flat_map(|own| ["-R".to_owned(), own]));
    options.push("--".to_owned());
    bare(path, options, argv)
}

fn minijail(path: &str, argv: &[&str], _: &Path) -> Bare {
    // A file system of its own over /tmp would hide the program. It refuses static programs but for --ambient.
    bare(path, words("-p -v -l -e -N -n -r -k work,/mnt,tmpfs -c 0 --ambient --uts --"), argv)
}

fn isolate(path: &str, argv: &[&str], _: &Path) -> Bare {
    let (shown, command) = match own_directory(argv) {
        Some(own) => (format!("--dir=program={own}"), argv.join(" ").replacen(&own, "/program", 1)),
        None => (String::new(), argv.join(" ")),
    };
    // Two at a time need boxes of their own.
    let script = format!(
        "box=--box-id=$(($$ % 900)); {path} $box --init >/dev/null && {path} $box --run --silent {shown} -- {command} 2>/dev/null && \
         {path} $box --cleanup"
    );
    Bare::new(&["/bin/sh", "-c", &script])
}
