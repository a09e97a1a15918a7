//! What Linux tells about processes (proc(5)). Elsewhere there is no `/proc`,
//! and processor time and memory are left out.

use std::collections::BTreeMap;
use std::time::Duration;

/// The unit of processor time in `/proc`, of which user space sees 100 a second
/// on every architecture that matters here (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of all children that have ended and were waited for, and of
/// theirs.
pub(crate) fn time_of_ended_children() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name in parentheses may hold spaces; `cutime` and `cstime` are the fields
    // 16 and 17, the first one after the name is 3.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND))
}

/// The largest resident memory that this process ever had, in bytes.
pub(crate) fn own_peak() -> Option<u64> {
    kilobytes("/proc/self/status", "VmHWM:")
}

/// The resident memory of these processes and of all below them, in bytes; a
/// page that several of them share is counted once.
pub(crate) fn memory_below(roots: &[u32]) -> u64 {
    let parents = parents();
    let below = |mut process: u32| {
        while let Some(&parent) = parents.get(&process) {
            if roots.contains(&process) {
                return true;
            }
            process = parent;
        }
        false
    };
    parents
        .keys()
        .filter(|&&process| below(process))
        .filter_map(|process| kilobytes(&format!("/proc/{process}/smaps_rollup"), "Pss:"))
        .sum()
}

fn parents() -> BTreeMap<u32, u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let process: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            Some((process, parent.parse().ok()?))
        })
        .collect()
}

fn kilobytes(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let number: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(number * 1024)
}
