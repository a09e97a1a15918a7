//! Looks at a command from outside while it runs: arguments of all its processes, and its files.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// What was seen of a command and its descendants.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Every command line, the process's own and those of its descendants.
    pub(crate) command_lines: BTreeSet<String>,
    /// Files and directories that were there at some moment, with mode and text.
    pub(crate) files: BTreeMap<PathBuf, (u32, String)>,
    /// As what each was read last: length, and when it was written.
    read: BTreeMap<PathBuf, (u64, Option<SystemTime>)>,
}

/// Runs it to its end and looks all the time.
pub(crate) fn watched(mut command: Command, places: &[&Path]) -> (Output, Seen) {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let process = child.id();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut seen = Seen::default();
            loop {
                // Once more when it has ended: what is left is looked at, too.
                let last = ended.load(Ordering::SeqCst);
                seen.processes(process);
                for place in places {
                    seen.directory(place);
                }
                if last {
                    return seen;
                }
                std::thread::yield_now();
            }
        });
        let output = child.wait_with_output().expect("the binary ends");
        ended.store(true, Ordering::SeqCst);
        (output, looking.join().expect("it could be looked at"))
    })
}

impl Seen {
    fn processes(&mut self, root: u32) {
        let mut parents = BTreeMap::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(process) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // The name in parentheses may hold spaces: state and parent stand behind it.
            let behind = stat
                .rsplit_once(')')
                .map(|(_, rest)| rest.split_whitespace());
            let parent = behind.and_then(|mut words| words.nth(1));
            if let Some(parent) = parent.and_then(|parent| parent.parse::<u32>().ok()) {
                parents.insert(process, parent);
            }
        }
        let is_ours = |process: u32| {
            let mut at = process;
            while at != root {
                match parents.get(&at) {
                    Some(parent) => at = *parent,
                    None => return false,
                }
            }
            true
        };
        for process in parents.keys().filter(|process| is_ours(**process)) {
            let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            self.command_lines.insert(line);
        }
    }

    fn directory(&mut self, directory: &Path) {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(about) = path.symlink_metadata() else {
                continue;
            };
            if about.is_dir() {
                self.directory(&path);
            }
            let version = (about.len(), about.modified().ok());
            if self.read.insert(path.clone(), version) == Some(version) {
                continue;
            }
            let text = std::fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            let mode = about.permissions().mode() & 0o777;
            self.files.insert(path, (mode, text));
        }
    }
}
