//! Files on the operator's machine: private, written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use connect_swap_engine::{Record, StepError};

use crate::topology::short;
use crate::world::World;

/// Where the configuration of a side is kept.
pub(crate) fn export_path(world: &World, side: &str) -> PathBuf {
    let run = short(world.run);
    world.files.join(format!(
        "{}-{run}-{side}-connection.json",
        world.subject.app
    ))
}

/// Where the journal is kept once its database is gone.
fn journal_path(world: &World) -> PathBuf {
    let run = short(world.run);
    world
        .files
        .join(format!("{}-{run}-journal.json", world.subject.app))
}

/// Keeps a journal as a file.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn keep_journal(world: &World, records: &[Record]) -> Result<PathBuf, StepError> {
    let text = serde_json::to_string_pretty(records)
        .map_err(|error| StepError::failed("the journal cannot be written down").because(&error))?;
    let path = journal_path(world);
    write_private(&path, &text)?;
    Ok(path)
}

/// Whether a file holds exactly this text.
pub(crate) fn holds(path: &Path, text: &str) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes == text.as_bytes())
}

/// Writes a file that only its owner may read, in place of an earlier one; a directory that is made
/// for it is closed to others.
///
/// # Errors
/// When the disk is full or the directory cannot be written; the earlier file stays whole.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), StepError> {
    let write = || -> std::io::Result<()> {
        let directory = path.parent().unwrap_or_else(|| Path::new("."));
        let mut private = std::fs::DirBuilder::new();
        private.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
        private.create(directory)?;
        // A temporary file is made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| {
        StepError::failed(format!("{} cannot be written", path.display()))
            .because(&error)
            .hint("make room on this machine's disk, or set XDG_STATE_HOME to another directory")
    })
}
