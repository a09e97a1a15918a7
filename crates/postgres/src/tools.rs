//! Finds `pg_dump` and `pg_restore` that are new enough for a server.
//!
//! `pg_dump` refuses servers of a newer major version than its own
//! (PostgreSQL manual, "pg_dump", notes).

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Client programs that suit a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// Path of `pg_dump`.
    pub pg_dump: PathBuf,
    /// Path of `pg_restore`, from the same directory.
    pub pg_restore: PathBuf,
    /// Their major version.
    pub major: u32,
}

/// No client programs are there that are new enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolsMissing {
    /// The server's major version.
    pub needed: u32,
    /// What was found: directory and major version.
    pub found: Vec<(PathBuf, u32)>,
    /// The command that installs what is needed on this platform.
    pub install: String,
}

impl fmt::Display for ToolsMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "pg_dump and pg_restore {} or newer are needed; ",
            self.needed
        )?;
        if self.found.is_empty() {
            f.write_str("none were found")?;
        } else {
            f.write_str("found only")?;
            for (at, (directory, major)) in self.found.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                write!(f, "{comma} {major} in {}", directory.display())?;
            }
        }
        write!(f, "; install them with: {}", self.install)
    }
}

impl std::error::Error for ToolsMissing {}

/// Looks for client programs of at least the server's major version: in
/// `CONNECT_SWAP_PG_BIN` (nowhere else, where that is set), `PATH`, where
/// `pg_config` says, and in the usual directories of Debian, Red Hat and
/// Homebrew. The lowest version that suffices is taken, as it writes nothing
/// that the server does not know.
///
/// # Errors
/// [`ToolsMissing`], with what was found and how to install what is needed.
pub fn pg_tools(server_major: u32) -> Result<Tools, ToolsMissing> {
    choose(
        server_major,
        directories()
            .iter()
            .filter_map(|directory| look(directory))
            .collect(),
    )
}

fn choose(needed: u32, mut found: Vec<Tools>) -> Result<Tools, ToolsMissing> {
    // Stable: of equal versions the first directory looked into wins.
    found.sort_by_key(|tools| tools.major);
    if let Some(tools) = found.iter().find(|tools| tools.major >= needed) {
        return Ok(tools.clone());
    }
    let directory = |tools: &Tools| tools.pg_dump.parent().unwrap_or(Path::new("")).to_owned();
    Err(ToolsMissing {
        needed,
        found: found
            .iter()
            .map(|tools| (directory(tools), tools.major))
            .collect(),
        install: install_line(needed),
    })
}

fn directories() -> Vec<PathBuf> {
    if let Some(only) = std::env::var_os("CONNECT_SWAP_PG_BIN") {
        return vec![only.into()];
    }
    let mut all: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    all.extend(first_line("pg_config", "--bindir").map(PathBuf::from));
    for (parent, inside) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/home/linuxbrew/.linuxbrew/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ] {
        all.extend(children(Path::new(parent)).map(|child| child.join(inside)));
    }
    all.extend(
        children(Path::new("/usr"))
            .filter(|child| {
                child
                    .file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("pgsql-"))
            })
            .map(|child| child.join("bin")),
    );
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|directory| seen.insert(directory.clone()));
    all
}

fn children(parent: &Path) -> impl Iterator<Item = PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    all.sort();
    all.into_iter().rev()
}

fn look(directory: &Path) -> Option<Tools> {
    let (pg_dump, pg_restore) = (directory.join("pg_dump"), directory.join("pg_restore"));
    if !pg_dump.is_file() || !pg_restore.is_file() {
        return None;
    }
    // Debian's wrapper chooses a version by itself, by the server's address.
    if pg_dump
        .canonicalize()
        .is_ok_and(|real| real.file_name().is_some_and(|name| name == "pg_wrapper"))
    {
        return None;
    }
    let major = major(&first_line(&pg_dump, "--version")?)?;
    Some(Tools {
        pg_dump,
        pg_restore,
        major,
    })
}

fn first_line(program: impl AsRef<std::ffi::OsStr>, argument: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output
        .status
        .success()
        .then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// The major version in `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(version: &str) -> Option<u32> {
    let number = version
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn install_line(major: u32) -> String {
    if cfg!(target_os = "macos") {
        return format!("brew install postgresql@{major}");
    }
    let has = |name: &str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()))
    };
    if has("apt-get") {
        format!("sudo apt-get install postgresql-client-{major}")
    } else if has("dnf") {
        format!("sudo dnf install postgresql{major}")
    } else if has("apk") {
        format!("sudo apk add postgresql{major}-client")
    } else {
        format!("your system's package of the PostgreSQL {major} client programs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(directory: &str, major: u32) -> Tools {
        let directory = Path::new(directory);
        Tools {
            pg_dump: directory.join("pg_dump"),
            pg_restore: directory.join("pg_restore"),
            major,
        }
    }

    #[test]
    fn the_lowest_version_that_suffices_is_chosen() {
        let found = vec![
            tools("/a", 17),
            tools("/b", 14),
            tools("/c", 15),
            tools("/d", 15),
        ];
        assert_eq!(choose(15, found.clone()), Ok(tools("/c", 15)));
        let missing = choose(18, found).unwrap_err();
        let words = missing.to_string();
        assert!(
            words.contains("18 or newer") && words.contains("17 in /a"),
            "{words}"
        );
        assert!(words.contains("install"), "{words}");
    }

    proptest::proptest! {
        #[test]
        fn any_version_is_read_or_not(text in ".{0,40}", number: u32) {
            let _ = major(&text);
            let line = format!("pg_dump (PostgreSQL) {number}.1 ({text})");
            proptest::prop_assert_eq!(major(&line), Some(number));
        }
    }

    #[test]
    fn versions_are_read_from_what_the_program_says() {
        assert_eq!(
            major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major("pg_dump (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("nonsense"), None);
    }
}
