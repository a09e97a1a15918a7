//! What can go wrong inside PostgreSQL, told apart as far as a caller acts
//! differently on it. No variant ever holds a password or a connection URL.

use tokio_postgres::error::SqlState;

use crate::ToolsMissing;
use crate::ident::TableRef;
use crate::session::UrlError;

/// One statement of a schema transfer that the new server refused.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RestoreError {
    /// The beginning of the statement.
    pub statement: String,
    /// The server's message, with detail and hint where it gave any.
    pub message: String,
    /// The SQLSTATE, where the server gave one.
    pub sqlstate: Option<String>,
}

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection string is not one.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// No session could be opened: name resolution, network, authentication,
    /// too many connections, or the server's own refusal.
    #[error("cannot connect to database {database} on {host}:{port}: {why}")]
    CannotConnect {
        /// Host as in the URL.
        host: String,
        /// Port as in the URL.
        port: u16,
        /// Database as in the URL.
        database: String,
        /// The reason, with the SQLSTATE where the server gave one.
        why: String,
    },
    /// A session that was open is gone.
    #[error("the connection to the database was lost: {why}")]
    Disconnected {
        /// The reason as far as it is known.
        why: String,
    },
    /// A write was refused because the session or the server is read-only
    /// (SQLSTATE 25006).
    #[error("the database is read-only here: {message}")]
    ReadOnly {
        /// The server's message.
        message: String,
    },
    /// The role may not do it (SQLSTATE 42501).
    #[error("permission denied by the database: {message}")]
    PermissionDenied {
        /// The server's message.
        message: String,
    },
    /// The server's disk is full (SQLSTATE 53100).
    #[error("the database server's disk is full: {message}")]
    DiskFull {
        /// The server's message.
        message: String,
    },
    /// The encrypted connection could not be set up or verified.
    #[error("no trusted encrypted connection: {why}")]
    Tls {
        /// The reason.
        why: String,
    },
    /// Any other answer of the server.
    #[error("the database answered {sqlstate}: {message}{}", tail(.detail.as_deref(), .hint.as_deref()))]
    Server {
        /// The SQLSTATE.
        sqlstate: String,
        /// The primary message.
        message: String,
        /// The detail, if any.
        detail: Option<String>,
        /// The hint, if any.
        hint: Option<String>,
    },
    /// The PostgreSQL client programs are not there or too old.
    #[error(transparent)]
    ToolsMissing(#[from] ToolsMissing),
    /// A client program failed; its own words.
    #[error("{program} failed: {message}")]
    Program {
        /// `pg_dump` or `pg_restore`.
        program: &'static str,
        /// What it wrote on its standard error.
        message: String,
    },
    /// Statements of the schema transfer were refused by the new server.
    #[error("{} of the schema transfer's statements failed; first: {}", .errors.len(), first(.errors))]
    Restore {
        /// Every failed statement, in order.
        errors: Vec<RestoreError>,
    },
    /// The database no longer matches the inventory that was taken of it.
    #[error("the database changed since its inventory was taken: {what}")]
    Changed {
        /// What is there that the inventory does not know, or the other way.
        what: String,
    },
    /// Rows of a managed or Connect-internal table were about to be copied.
    #[error("{table} belongs to Heroku Connect or is not known: its rows are never copied")]
    NotCopyable {
        /// The table.
        table: TableRef,
    },
    /// The new side's table is not in a state to receive rows.
    #[error("{table} cannot receive rows on the new side: {why}")]
    NotReady {
        /// The table.
        table: TableRef,
        /// What stands in the way.
        why: String,
    },
    /// A table was in use by somebody else's transaction for too long.
    #[error(
        "a lock on a table of the old database was not to be had within ten minutes; open the longest: {who}"
    )]
    Locked {
        /// Sessions whose transactions are open the longest.
        who: String,
    },
    /// The session that kept one view of the old database for all others was
    /// lost.
    #[error("the connection that kept a snapshot of the old database was lost")]
    SnapshotLost,
    /// The rows of a round are not the same on both sides.
    #[error("after its changes were brought over, {table} is not the same on both sides: {why}")]
    NotEqual {
        /// The table.
        table: TableRef,
        /// How they differ.
        why: String,
    },
    /// The old and the new side are one and the same database.
    #[error("the old and the new database are the same one")]
    SameDatabase,
    /// A local file or program could not be used.
    #[error("{what}")]
    Io {
        /// What was being done.
        what: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The server answered something this crate cannot make sense of.
    #[error("unexpected answer from the database: {0}")]
    Protocol(String),
}

fn tail(detail: Option<&str>, hint: Option<&str>) -> String {
    let mut text = String::new();
    for part in [detail, hint].into_iter().flatten() {
        text.push_str(" (");
        text.push_str(part);
        text.push(')');
    }
    text
}

fn first(errors: &[RestoreError]) -> &str {
    errors
        .first()
        .map_or("none", |error| error.message.as_str())
}

/// Message, detail and hint of a server's answer in one line.
pub(crate) fn server_words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{}{}", told(db), tail(detail(db).as_deref(), db.hint())),
        None => causes(error),
    }
}

/// The message, but for a value that could not be read (class 22: `invalid input
/// syntax for type integer: "…"`).
fn told(db: &tokio_postgres::error::DbError) -> &str {
    let whole = db.message();
    match whole.split_once(": \"") {
        Some((what, _)) if db.code().code().starts_with("22") => what,
        _ => whole,
    }
}

/// The detail, but for what is in the customer's rows: `Failing row contains (17,
/// jane@…)`, `Key (email)=(…) already exists`. Of those only names are told
/// (PostgreSQL manual, "PostgreSQL Error Codes", classes 22 and 23; "Error and
/// Notice Message Fields").
fn detail(db: &tokio_postgres::error::DbError) -> Option<String> {
    if !["22", "23"]
        .iter()
        .any(|class| db.code().code().starts_with(class))
    {
        return db.detail().map(str::to_owned);
    }
    let named = [
        ("table", db.table()),
        ("column", db.column()),
        ("constraint", db.constraint()),
    ];
    let named: Vec<String> = named
        .into_iter()
        .filter_map(|(what, name)| Some(format!("{what} {}", name?)))
        .collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// An error and its causes in one line, without repeating what a message
/// already says of its cause.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

impl Error {
    /// A local failure with the words for what was being done.
    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }

    /// Whether a session was lost or could not be opened, so that a new one may
    /// do better.
    #[must_use]
    pub fn is_lost_session(&self) -> bool {
        matches!(self, Self::Disconnected { .. } | Self::CannotConnect { .. })
    }

    /// Whether a table was locked by somebody else for too long (SQLSTATE 55P03).
    #[must_use]
    pub fn is_lock_timeout(&self) -> bool {
        self.sqlstate() == Some("55P03")
    }

    /// The SQLSTATE, where the server gave one.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Self::Server { sqlstate, .. } => Some(sqlstate),
            Self::ReadOnly { .. } => Some("25006"),
            Self::PermissionDenied { .. } => Some("42501"),
            Self::DiskFull { .. } => Some("53100"),
            _ => None,
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(&error)
                    .is_some_and(|cause| cause.is::<std::io::Error>())
            {
                Self::Disconnected {
                    why: causes(&error),
                }
            } else {
                Self::Protocol(causes(&error))
            };
        };
        let message = server_words(&error);
        match *db.code() {
            SqlState::READ_ONLY_SQL_TRANSACTION => Self::ReadOnly { message },
            SqlState::INSUFFICIENT_PRIVILEGE => Self::PermissionDenied { message },
            SqlState::DISK_FULL => Self::DiskFull { message },
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => {
                Self::Disconnected { why: message }
            }
            _ => Self::Server {
                sqlstate: db.code().code().to_owned(),
                message: told(db).to_owned(),
                detail: detail(db),
                hint: db.hint().map(str::to_owned),
            },
        }
    }
}
