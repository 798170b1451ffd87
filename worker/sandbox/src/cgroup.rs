//! Control groups: one interface over version 2 and over the legacy version 1 files of hybrid hosts, chosen per controller.
//!
//! A session is one worker process's subtree; a slot has a directory in it, and each run a group of its own below that.
//! Everything here is plain file access; processes enter a group elsewhere, by `CLONE_INTO_CGROUP` or by writing to `tasks`.

mod detect;
mod files;
#[cfg(test)]
mod fuzz;
mod groups;
mod session;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(crate) use groups::{Counters, GroupLimits, MOST_COUNTERS, MOST_TASKS, RunGroup, SlotGroups};
pub(crate) use session::Session;

/// Which version of control groups does a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    V1,
    V2,
}

impl Version {
    /// `v1` or `v2`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// The directory in which one job of the control groups is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub version: Version,
    pub path: PathBuf,
}

/// Where each job of the control groups is done: on this host, for a session, for a slot, or for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// The version 2 directory, if there is one, also if version 1 does every job.
    pub unified: Option<PathBuf>,
    /// What limits memory.
    pub memory: Place,
    /// What limits processes.
    pub pids: Place,
    /// What accounts CPU time.
    pub cpu: Place,
}

impl Places {
    /// The same jobs in other directories.
    fn map(&self, to: impl Fn(&Path) -> PathBuf) -> Self {
        let place = |place: &Place| Place { version: place.version, path: to(&place.path) };
        Self {
            unified: self.unified.as_deref().map(&to),
            memory: place(&self.memory),
            pids: place(&self.pids),
            cpu: place(&self.cpu),
        }
    }

    /// Each directory once: version 2 does several jobs in one, and so do version 1 controllers that are mounted together.
    fn iter(&self) -> impl Iterator<Item = &Path> {
        let jobs = [&self.memory, &self.pids, &self.cpu].into_iter().map(|place| &place.path);
        once_each(self.unified.iter().chain(jobs))
    }

    /// The directories of version 1, each once.
    fn legacy(&self) -> impl Iterator<Item = &Path> {
        let jobs = [&self.memory, &self.pids, &self.cpu].into_iter();
        once_each(jobs.filter(|place| place.version == Version::V1).map(|place| &place.path))
    }

    /// Controllers to enable below the version 2 directory.
    fn enabled(&self) -> String {
        let jobs = [("+memory", &self.memory), ("+pids", &self.pids)];
        let wanted = jobs.iter().filter(|(_, place)| place.version == Version::V2).map(|(name, _)| *name);
        wanted.collect::<Vec<_>>().join(" ")
    }
}

fn once_each<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> impl Iterator<Item = &'a Path> {
    let mut seen: Vec<&Path> = Vec::new();
    for path in paths {
        if !seen.contains(&path.as_path()) {
            seen.push(path);
        }
    }
    seen.into_iter()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Place, Places, Version};

    #[test]
    fn controllers_that_are_mounted_together_are_one_directory() {
        let v1 = |path: &str| Place { version: Version::V1, path: PathBuf::from(path) };
        let unified = Some(PathBuf::from("/u"));
        let cpu = Place { version: Version::V2, path: PathBuf::from("/u") };
        let places = Places { unified, memory: v1("/mp"), pids: v1("/mp"), cpu };
        let runs = places.map(|path| path.join("run1"));
        assert_eq!(runs.iter().collect::<Vec<_>>(), [Path::new("/u/run1"), Path::new("/mp/run1")]);
        assert_eq!(runs.legacy().collect::<Vec<_>>(), [Path::new("/mp/run1")]);
        assert_eq!(places.enabled(), "");
    }
}
