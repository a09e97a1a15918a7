//! A schema-only `pg_dump` archive in a private temporary directory.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Command;

use super::encryption::Encryption;
use super::entry::{Entry, parse_list};
use super::program::{PROGRAM_BOUND, connection, run};
use crate::ident::quote_ident;
use crate::session::DatabaseUrl;
use crate::{Error, Tools};

/// What an archive leaves out from the start: owners and grants are made for
/// the new side's roles, and the rest needs rights that a customer has not.
const DUMP: [&str; 8] = [
    "--format=custom",
    "--encoding=UTF8",
    "--schema-only",
    "--no-owner",
    "--no-privileges",
    "--no-subscriptions",
    "--no-security-labels",
    "--no-tablespaces",
];

/// How long a dump waits for tables that somebody locks, in its first tries and in its last. Whoever waits
/// longer than the server needs to see a deadlock (`deadlock_timeout`, by default one second) may cost the
/// app its transaction: this tool gives way. The whole statement counts, which locks hundreds of tables.
const LOCK_WAIT: [&str; 2] = ["--lock-wait-timeout=800", "--lock-wait-timeout=15000"];
/// How often it is tried with the short wait, and the pause in between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(2600);

/// An archive on disk; removed when dropped.
pub(super) struct Archive<'a> {
    tools: &'a Tools,
    directory: tempfile::TempDir,
}

impl<'a> Archive<'a> {
    /// Dumps a database's schema, without what is in the schemas to leave out.
    pub(super) async fn dump(
        tools: &'a Tools,
        url: &DatabaseUrl,
        leave_out: &[&str],
    ) -> Result<Self, Error> {
        let encryption = Encryption::of(url, std::env::var_os("PGSSLROOTCERT"), tools.major)?;
        let directory = private_directory()?;
        let archive = Self { tools, directory };
        let file = archive.file();
        private_file(&file)?;
        for attempt in 1..=TRIES {
            match archive
                .write(url, leave_out, &encryption, LOCK_WAIT[0])
                .await
            {
                Err(error) if in_the_way(&error) => {}
                ended => return ended.map(|()| archive),
            }
            if attempt < TRIES {
                tokio::time::sleep(PAUSE).await;
            }
        }
        archive
            .write(url, leave_out, &encryption, LOCK_WAIT[1])
            .await?;
        Ok(archive)
    }

    async fn write(
        &self,
        url: &DatabaseUrl,
        leave_out: &[&str],
        encryption: &Encryption,
        lock_wait: &str,
    ) -> Result<(), Error> {
        let mut command = Command::new(&self.tools.pg_dump);
        command
            .args(DUMP)
            .arg(lock_wait)
            .arg("--file")
            .arg(self.file());
        for schema in leave_out {
            // In a pattern, double quotes take every character as it is.
            command.arg("--exclude-schema").arg(quote_ident(schema));
        }
        connection(&mut command, url);
        encryption.set(&mut command);
        run("pg_dump", command, PROGRAM_BOUND).await.map(drop)
    }

    /// The archive's entries, in its order.
    pub(super) async fn list(&self) -> Result<Vec<Entry>, Error> {
        let mut command = Command::new(&self.tools.pg_restore);
        command.args(["--list", "--verbose"]).arg(self.file());
        parse_list(&run("pg_restore", command, PROGRAM_BOUND).await?)
    }

    /// The SQL of the given entries, in archive order, each begun by a comment
    /// with its dump id.
    pub(super) async fn script(&self, entries: &[&Entry]) -> Result<String, Error> {
        if entries.is_empty() {
            return Ok(String::new());
        }
        let list = self.directory.path().join("list");
        let lines: String = entries.iter().map(|entry| entry.line() + "\n").collect();
        private_file(&list)?
            .write_all(lines.as_bytes())
            .map_err(|source| Error::io("cannot write a temporary file", source))?;
        let mut command = Command::new(&self.tools.pg_restore);
        command
            .args([
                "--verbose",
                "--no-owner",
                "--no-privileges",
                "--file=-",
                "--use-list",
            ])
            .arg(&list)
            .arg(self.file());
        run("pg_restore", command, PROGRAM_BOUND).await
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("schema.dump")
    }
}

/// A schema is not secret, but it is nobody's business.
fn private_directory() -> Result<tempfile::TempDir, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("connect-swap-");
    // Without this it is as open as the user's other directories.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder
        .tempdir()
        .map_err(|source| Error::io("cannot make a temporary directory", source))
}

fn private_file(path: &std::path::Path) -> Result<std::fs::File, Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map_err(|source| Error::io("cannot make a temporary file", source))
}

/// Whether a table was locked for too long, or this session gave way in a deadlock. Client programs print
/// no codes; where the server speaks another language this is not seen, and the dump has failed.
fn in_the_way(error: &Error) -> bool {
    let Error::Program { message, .. } = error else {
        return false;
    };
    let locking = message.contains("LOCK TABLE");
    let reasons = ["statement timeout", "lock timeout", "deadlock detected"];
    locking && reasons.iter().any(|reason| message.contains(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lock_that_somebody_holds_is_waited_for() {
        let failed = |message: &str| Error::Program {
            program: "pg_dump",
            message: message.to_owned(),
        };
        let locking = "pg_dump: detail: Query was: LOCK TABLE public.orders IN ACCESS SHARE MODE";
        for reason in [
            "canceling statement due to statement timeout",
            "deadlock detected",
        ] {
            let message = format!("pg_dump: error: query failed: ERROR:  {reason}\n{locking}");
            assert!(in_the_way(&failed(&message)), "{message}");
        }
        let denied =
            format!("pg_dump: error: ERROR:  permission denied for table orders\n{locking}");
        assert!(!in_the_way(&failed(&denied)));
        let elsewhere = "ERROR:  canceling statement due to statement timeout\nQuery was: SELECT 1";
        assert!(!in_the_way(&failed(elsewhere)));
    }
}
