//! The generated files: written, or compared.

use std::io;
use std::path::{Path, PathBuf};

use crate::metadata::metadata;

/// Where the plugin's metadata stands.
const METADATA: &str = "plugin/src/metadata.json";

/// Why the files could not be written, or are not current.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GenerateError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what the model says.
    #[error("{0} is not current: run cargo run -p connect-swap-xtask -- generate")]
    Stale(&'static str),
}

/// Writes the files below `root`.
pub(crate) fn write(root: &Path) -> Result<(), GenerateError> {
    let path = root.join(METADATA);
    std::fs::write(&path, text()).map_err(|source| GenerateError::File { path, source })
}

/// Compares the files below `root`.
pub(crate) fn check(root: &Path) -> Result<(), GenerateError> {
    let path = root.join(METADATA);
    let there =
        std::fs::read_to_string(&path).map_err(|source| GenerateError::File { path, source })?;
    if there == text() {
        Ok(())
    } else {
        Err(GenerateError::Stale(METADATA))
    }
}

fn text() -> String {
    format!("{:#}\n", metadata())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_not_current() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("plugin/src")).unwrap();
        assert!(matches!(
            check(root.path()),
            Err(GenerateError::File { .. })
        ));
        write(root.path()).unwrap();
        assert!(check(root.path()).is_ok());
        std::fs::write(root.path().join(METADATA), "{}\n").unwrap();
        assert!(matches!(
            check(root.path()),
            Err(GenerateError::Stale(METADATA))
        ));
    }

    #[test]
    fn the_committed_files_are_current() {
        check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
    }
}
