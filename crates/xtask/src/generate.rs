//! The generated files: written, or compared.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{commands, completions, man, metadata::metadata};

/// Folders that hold generated files and nothing else.
const FOLDERS: [&str; 2] = ["docs/completions", "docs/man"];

/// One file that derives from the command line model.
pub(crate) struct Generated {
    /// Where it stands, from the repository's root.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

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
    /// A file's generated part has no marks around it.
    #[error("{0} has no lines {1:?} and {2:?}, between which the list of commands stands")]
    Unmarked(&'static str, &'static str, &'static str),
    /// Files are not what the model says, or nothing generates them.
    #[error("not current, run cargo xtask generate: {}", .0.join(", "))]
    Stale(Vec<String>),
}

/// Writes the files below `root`, and removes what stands beside them and is generated no more.
pub(crate) fn write(root: &Path) -> Result<(), GenerateError> {
    let files = generated(root)?;
    for path in leftovers(root, &files)? {
        let path = root.join(path);
        std::fs::remove_file(&path).map_err(file_error(&path))?;
    }
    for file in files {
        let path = root.join(&file.path);
        let folder = path.parent().unwrap_or(root);
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
        std::fs::write(&path, file.text).map_err(file_error(&path))?;
    }
    Ok(())
}

/// Compares the files below `root`.
pub(crate) fn check(root: &Path) -> Result<(), GenerateError> {
    let files = generated(root)?;
    let mut stale = leftovers(root, &files)?;
    for file in files {
        if read(&root.join(&file.path))?.as_deref() != Some(&file.text) {
            stale.push(file.path);
        }
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(GenerateError::Stale(stale))
    }
}

fn generated(root: &Path) -> Result<Vec<Generated>, GenerateError> {
    let readme = root.join(commands::README);
    let readme = std::fs::read_to_string(&readme).map_err(file_error(&readme))?;
    let mut files = vec![
        Generated {
            path: "plugin/src/metadata.json".to_owned(),
            text: format!("{:#}\n", Value::Object(metadata())),
        },
        commands::in_readme(&readme)?,
        commands::page(),
    ];
    files.extend(man::pages());
    files.extend(completions::scripts());
    Ok(files)
}

/// Files in the generated folders that nothing generates.
fn leftovers(root: &Path, files: &[Generated]) -> Result<Vec<String>, GenerateError> {
    let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut left = Vec::new();
    for folder in FOLDERS {
        let path = root.join(folder);
        let entries = match std::fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(file_error(&path))?,
        };
        for entry in entries {
            let name = entry.map_err(file_error(&path))?.file_name();
            let name = format!("{folder}/{}", name.to_string_lossy());
            if !known.contains(name.as_str()) {
                left.push(name);
            }
        }
    }
    Ok(left)
}

fn read(path: &Path) -> Result<Option<String>, GenerateError> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some).map_err(file_error(path)),
    }
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> GenerateError {
    let path = path.to_owned();
    move |source| GenerateError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stale(root: &Path) -> Vec<String> {
        match check(root) {
            Err(GenerateError::Stale(files)) => files,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_missing_changed_or_left_over_is_not_current() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert!(matches!(check(root), Err(GenerateError::File { .. })));
        std::fs::write(root.join("README.md"), "# nothing\n").unwrap();
        assert!(matches!(check(root), Err(GenerateError::Unmarked(..))));
        let marked = format!(
            "# a\n\n{}\nold\n{}\n\nend\n",
            commands::START,
            commands::END
        );
        std::fs::write(root.join("README.md"), marked).unwrap();
        assert!(stale(root).len() > 10);
        write(root).unwrap();
        check(root).unwrap();
        std::fs::write(root.join("plugin/src/metadata.json"), "{}\n").unwrap();
        std::fs::remove_file(root.join("docs/man/connect-swap.1")).unwrap();
        std::fs::write(root.join("docs/man/connect-swap-abort.1"), "").unwrap();
        assert_eq!(
            stale(root),
            [
                "docs/man/connect-swap-abort.1",
                "plugin/src/metadata.json",
                "docs/man/connect-swap.1"
            ]
        );
        write(root).unwrap();
        check(root).unwrap();
    }

    #[test]
    fn the_committed_files_are_current() {
        check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
    }
}
