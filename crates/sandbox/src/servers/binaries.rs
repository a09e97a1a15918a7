//! Finding the programs of a PostgreSQL server.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::ServerError;

/// One installed version of PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The directory of `initdb` and `postgres`.
    pub bin: PathBuf,
    /// The major version, such as 15.
    pub major: u32,
}

/// Looks in `PATH`, `pg_config --bindir`, Debian's and Homebrew's directories.
///
/// The newest version is taken for which a `pg_dump` at least as new was found anywhere among
/// these; where there is no `pg_dump` at all, the newest version. (`pg_dump` refuses servers of a
/// newer major version: PostgreSQL manual, "pg_dump", Notes.)
///
/// # Errors
/// [`ServerError::NotInstalled`], with the line that installs the programs.
pub fn find_installation() -> Result<Installation, ServerError> {
    let directories = candidate_directories();
    let servers = directories
        .iter()
        .filter(|directory| directory.join("initdb").is_file())
        .filter_map(|directory| {
            let major = major_version(&directory.join("postgres"))?;
            Some(Installation {
                bin: directory.clone(),
                major,
            })
        })
        .collect::<Vec<_>>();
    let newest_dump = directories
        .iter()
        .filter_map(|directory| major_version(&directory.join("pg_dump")))
        .max();
    choose(servers, newest_dump).ok_or(ServerError::NotInstalled {
        hint: install_hint(),
    })
}

fn choose(servers: Vec<Installation>, newest_dump: Option<u32>) -> Option<Installation> {
    let dumpable = |server: &Installation| newest_dump.is_some_and(|dump| dump >= server.major);
    servers
        .into_iter()
        .max_by_key(|server| (dumpable(server), server.major))
}

/// Real directories without repetition, so that a symbolic link in `PATH` leads to the directory
/// that also holds `initdb`.
fn candidate_directories() -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for directory in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        for program in ["postgres", "initdb", "pg_dump"] {
            if let Ok(real) = directory.join(program).canonicalize()
                && let Some(parent) = real.parent()
            {
                found.insert(parent.to_path_buf());
            }
        }
    }
    found.extend(pg_config_bindir());
    for parent in ["/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt"] {
        found.extend(versions_below(Path::new(parent)));
    }
    found
}

fn pg_config_bindir() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

fn versions_below(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = parent.read_dir() else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("postgres").is_file() || bin.join("pg_dump").is_file())
        .collect()
}

/// Asks a program for its version: `postgres (PostgreSQL) 15.18 (Debian …)`.
fn major_version(program: &Path) -> Option<u32> {
    let output = program
        .is_file()
        .then(|| Command::new(program).arg("--version").output().ok())??;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

fn parse_major(text: &str) -> Option<u32> {
    let number = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number
        .chars()
        .take_while(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .ok()
}

const fn install_hint() -> &'static str {
    if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else {
        "sudo apt-get install -y postgresql"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation(major: u32) -> Installation {
        Installation {
            bin: PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")),
            major,
        }
    }

    #[test]
    fn versions_are_read_from_the_programs_answers() {
        assert_eq!(
            parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(parse_major("pg_dump (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(parse_major("no number"), None);
    }

    #[test]
    fn a_server_that_can_be_dumped_is_preferred_to_a_newer_one() {
        let all = vec![installation(15), installation(17), installation(18)];
        assert_eq!(choose(all.clone(), Some(17)), Some(installation(17)));
        assert_eq!(choose(all.clone(), None), Some(installation(18)));
        assert_eq!(choose(all, Some(14)), Some(installation(18)));
        assert_eq!(choose(Vec::new(), Some(17)), None);
    }
}
