//! Runs client programs and measures them: wall time, processor time, memory.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{Result, processes};

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// How much of a failed program's own words is shown.
const LAST_LINES: usize = 5;

/// What programs took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// From the first program's start to the last one's end.
    pub(crate) wall: Duration,
    /// Of the client processes, not of the servers.
    pub(crate) cpu: Option<Duration>,
    /// Of all client processes at one time, in bytes.
    pub(crate) memory: Option<u64>,
}

/// Runs programs side by side until all have ended, and gives what they took
/// and what the first one wrote. Must not run twice at the same time: the
/// processor time is that of all children that end meanwhile.
pub(crate) fn run(commands: Vec<Command>) -> Result<(Figures, String)> {
    let before = processes::time_of_ended_children();
    let started = Instant::now();
    let mut running = Vec::new();
    for command in commands {
        running.push(Running::start(command)?);
    }
    let roots: Vec<u32> = running.iter().map(|one| one.child.id()).collect();
    let (stop, stopped) = mpsc::channel();
    let watching = std::thread::spawn(move || peak(&roots, &stopped));
    let ended: Vec<Result<String>> = running.into_iter().map(Running::end).collect();
    let wall = started.elapsed();
    drop(stop);
    let memory = watching.join().unwrap_or_default();
    let after = processes::time_of_ended_children();
    let output = ended.into_iter().collect::<Result<Vec<_>>>()?;
    let figures = Figures {
        wall,
        cpu: after.zip(before).map(|(after, before)| after - before),
        memory: Some(memory).filter(|&bytes| bytes > 0),
    };
    Ok((figures, output.into_iter().next().unwrap_or_default()))
}

fn peak(roots: &[u32], stopped: &Receiver<()>) -> u64 {
    let mut peak = 0;
    while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        peak = peak.max(processes::memory_below(roots));
    }
    peak
}

/// A program under way; what it says goes into files, which never fill up as
/// pipes do.
struct Running {
    child: Child,
    name: String,
    output: File,
    errors: File,
}

impl Running {
    fn start(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let (output, errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(errors.try_clone()?)
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        Ok(Self {
            child,
            name,
            output,
            errors,
        })
    }

    fn end(mut self) -> Result<String> {
        let status = self.child.wait()?;
        if status.success() {
            return all_of(&mut self.output);
        }
        let errors = all_of(&mut self.errors)?;
        let lines: Vec<&str> = errors.lines().collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join(" | ");
        Err(format!("{} ended with {status}: {last}", self.name).into())
    }
}

fn all_of(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
