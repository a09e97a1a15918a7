//! Where the tool keeps its files on this machine: exports and logs, readable by their owner only.

use std::io;
use std::path::{Path, PathBuf};

/// The directory's own name.
const NAME: &str = "connect-swap";

/// Where the state directory is: `$XDG_STATE_HOME/connect-swap`, else
/// `~/.local/state/connect-swap` (macOS: `~/Library/Application Support/connect-swap`, Windows:
/// `%LOCALAPPDATA%\connect-swap`). `None` without a home.
pub(crate) fn state_dir(get: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    // The XDG specification says that a relative path is to be ignored.
    let path = |name: &str| {
        get(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = path("XDG_STATE_HOME").or_else(|| {
        if cfg!(windows) {
            path("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            path("HOME").map(|home| home.join("Library/Application Support"))
        } else {
            path("HOME").map(|home| home.join(".local/state"))
        }
    });
    base.map(|base| base.join(NAME))
}

/// Makes a directory and its parents; what is made is closed to others.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn xdg_then_home_then_nothing() {
        let of = |set: &[(&str, &str)]| {
            state_dir(|name| {
                set.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        let home = ("HOME", "/home/ada");
        assert_eq!(
            of(&[home]),
            Some("/home/ada/.local/state/connect-swap".into())
        );
        assert_eq!(
            of(&[home, ("XDG_STATE_HOME", "/s")]),
            Some("/s/connect-swap".into())
        );
        assert_eq!(
            of(&[home, ("XDG_STATE_HOME", "rel")]),
            Some("/home/ada/.local/state/connect-swap".into())
        );
        assert_eq!(of(&[]), None);
    }

    #[test]
    #[cfg(unix)]
    fn directories_are_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let base = tempfile::tempdir().unwrap();
        let directory = base.path().join("a/b");
        make_private(&directory).unwrap();
        make_private(&directory).unwrap();
        let mode = std::fs::metadata(&directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
