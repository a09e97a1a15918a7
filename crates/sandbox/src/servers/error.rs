//! What can go wrong with the servers.

use std::path::PathBuf;

/// A PostgreSQL server could not be found, started or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// No `initdb` and `postgres` anywhere.
    #[error("no PostgreSQL server programs (initdb, postgres) were found; install them: {hint}")]
    NotInstalled {
        /// One line that installs them on this system.
        hint: &'static str,
    },
    /// The process runs as root and no other account is there to run a server as.
    #[error(
        "running as root, and neither the account postgres nor nobody exists to run servers as"
    )]
    NoAccount,
    /// A file or a directory could not be made, read or given away.
    #[error("could not prepare {path}")]
    Directory {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("could not start {program}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// `initdb` failed.
    #[error("initdb failed: {output}")]
    Init {
        /// Its standard error.
        output: String,
    },
    /// The server ended, or did not answer in time.
    #[error("the PostgreSQL server did not come up: {log}")]
    NotReady {
        /// The end of its log.
        log: String,
    },
    /// A statement failed.
    #[error("PostgreSQL refused: {what}")]
    Sql {
        /// What was being done.
        what: &'static str,
        /// The answer.
        #[source]
        source: tokio_postgres::Error,
    },
}
