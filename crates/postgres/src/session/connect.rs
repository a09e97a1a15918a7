//! One session of this tool: how it is opened and what is fixed in it.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Row, SimpleQueryMessage, Statement};

use super::hold::{Hold, Holdable};
use super::path;
use super::tls::{Tls, Trust};
use super::url::DatabaseUrl;
use crate::Error;
use crate::error::{causes, server_words};

/// Every session of this tool has an `application_name` that begins so; the
/// fence and the list of other sessions leave these alone.
pub const APPLICATION_PREFIX: &str = "connect-swap";

/// The longest wait for a session to be opened, name resolution included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Settings that make every answer depend on the data alone (PostgreSQL
/// manual, "Client Connection Defaults"). The lock timeout keeps a statement
/// of ours from queueing, and so from making the app queue behind it.
const SETTINGS: &[(&str, &str)] = &[
    ("statement_timeout", "0"),
    ("lock_timeout", "15s"),
    ("idle_in_transaction_session_timeout", "0"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO,YMD"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("xmlbinary", "base64"),
    ("xmloption", "content"),
    ("lc_monetary", "C"),
    ("quote_all_identifiers", "off"),
    ("search_path", ""),
    // The other side is changed counting on what was committed here.
    ("synchronous_commit", "on"),
    // Catalog queries look costly to the planner and run for milliseconds: compiling them is waste.
    ("jit", "off"),
];

/// The settings that a session with the app's settings has of its own.
const UNHURRIED: [&str; 3] = [
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
];

/// Settings that only some server versions know: never let an idle session of
/// ours, or a long transaction of a copy, be ended by them.
const OFF_WHERE_KNOWN: &str = "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings \
     WHERE name IN ('idle_session_timeout', 'transaction_timeout')";

/// Whether the session is encrypted (PostgreSQL manual, "pg_stat_ssl").
const ENCRYPTED: &str = "SELECT coalesce((SELECT ssl FROM pg_catalog.pg_stat_ssl \
     WHERE pid = pg_catalog.pg_backend_pid()), false)";

/// Whether no transaction is open: then the transaction began with this message (PostgreSQL manual,
/// "Current Date/Time": `now()`, `statement_timestamp()`).
const BETWEEN_TRANSACTIONS: &str = "SELECT pg_catalog.now() = pg_catalog.statement_timestamp()";

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Every transaction is read-only; the server refuses writes.
    ReadOnly,
    /// Writes are possible, on a fenced database too.
    Work,
    /// As [`Work`](Self::Work), with the settings that the app's own sessions
    /// have, for what runs the customer's functions and counts on them.
    AsApp,
}

impl Purpose {
    fn read_only_setting(self) -> &'static str {
        match self {
            Self::ReadOnly => "on",
            Self::Work | Self::AsApp => "off",
        }
    }
}

/// An open session. It is closed when this value is dropped.
pub struct Session {
    client: Client,
    tls: Tls,
    purpose: Purpose,
    hold: Arc<Hold>,
    prepared: Mutex<BTreeMap<&'static str, Statement>>,
}

impl Session {
    /// A query of ours that is costlier to plan than to run; it is planned once in a session.
    pub(crate) async fn query_prepared(
        &self,
        sql: &'static str,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let known = self.prepared().get(sql).cloned();
        let statement = match known {
            Some(statement) => statement,
            None => self.client.prepare(sql).await?,
        };
        let rows = self.client.query(&statement, &[]).await;
        if rows.is_ok() {
            self.prepared().insert(sql, statement);
        }
        rows
    }

    fn prepared(&self) -> MutexGuard<'_, BTreeMap<&'static str, Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds back what the server sends.
    pub(crate) fn reading(&self) -> &Hold {
        &self.hold
    }

    /// Makes the session as it was when it was opened, if it answers within `bound` and no
    /// transaction is open in it.
    pub async fn renew(&self, bound: Duration) -> bool {
        let script = format!("{BETWEEN_TRANSACTIONS}; RESET ALL; {OFF_WHERE_KNOWN}");
        let answer = tokio::time::timeout(bound, self.client.simple_query(&script)).await;
        matches!(answer, Ok(Ok(answer)) if first_is_true(&answer))
    }

    /// How the session is protected on its way.
    #[must_use]
    pub fn tls(&self) -> Tls {
        self.tls
    }

    /// What the session may do.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("tls", &self.tls)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// Opens a session.
///
/// `application` follows [`APPLICATION_PREFIX`] in the session's
/// `application_name`. Towards anything but this machine the session is
/// encrypted; see [`Tls`]. Must be called within a Tokio runtime: a task of its
/// own drives the connection until the session is dropped.
///
/// # Errors
/// [`Error::CannotConnect`] with the reason, [`Error::Tls`] when the encryption
/// cannot be set up as asked.
pub async fn connect(
    url: &DatabaseUrl,
    purpose: Purpose,
    application: &str,
) -> Result<Session, Error> {
    let trust = Trust::from_environment();
    let connecting = config(url, purpose, application);
    let opened = tokio::time::timeout(CONNECT_TIMEOUT, connecting.connect(trust.connector()?))
        .await
        .map_err(|_| {
            refused(
                url,
                format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
            )
        })?;
    let (client, connection) = opened.map_err(|error| connect_error(url, &error))?;
    let hold = Arc::new(Hold::default());
    // Ends by itself when the client is dropped; queries see its errors.
    tokio::spawn(Holdable {
        connection,
        hold: hold.clone(),
    });
    // One message, one answer: sessions are opened in the window, too.
    let answer = client
        .simple_query(&format!("{ENCRYPTED}; {OFF_WHERE_KNOWN}"))
        .await
        .map_err(|error| connect_error(url, &error))?;
    let tls = if first_is_true(&answer) {
        trust.level()
    } else {
        Tls::PlainLoopback
    };
    Ok(Session {
        client,
        tls,
        purpose,
        hold,
        prepared: Mutex::default(),
    })
}

fn first_is_true(answer: &[SimpleQueryMessage]) -> bool {
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    row.and_then(|row| row.get(0)) == Some("t")
}

pub(super) fn config(url: &DatabaseUrl, purpose: Purpose, application: &str) -> Config {
    let mut config = Config::new();
    config
        .host(url.host())
        .port(url.port())
        .dbname(url.database())
        .user(url.user())
        .application_name(format!("{APPLICATION_PREFIX} {application}").trim_end())
        .options(options(purpose))
        .ssl_mode(if url.is_loopback() {
            SslMode::Prefer
        } else {
            SslMode::Require
        })
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_user_timeout(path::UNACKNOWLEDGED)
        .keepalives(true)
        .keepalives_idle(path::IDLE)
        .keepalives_interval(path::INTERVAL)
        .keepalives_retries(path::RETRIES);
    if let Some(password) = url.password() {
        config.password(password);
    }
    config
}

/// Start-up options: they win over what ALTER DATABASE and ALTER ROLE have set.
fn options(purpose: Purpose) -> String {
    let fixed = SETTINGS
        .iter()
        .chain(&path::OF_SERVER)
        .filter(|(name, _)| purpose != Purpose::AsApp || UNHURRIED.contains(name))
        .map(|(name, value)| format!("-c {name}={value}"));
    let read_only = format!(
        "-c default_transaction_read_only={}",
        purpose.read_only_setting()
    );
    // Rows that a policy hides must be an error to who only looks, never silently missing.
    let all_rows = (purpose == Purpose::ReadOnly).then(|| "-c row_security=off".to_owned());
    fixed
        .chain([read_only])
        .chain(all_rows)
        .collect::<Vec<_>>()
        .join(" ")
}

fn refused(url: &DatabaseUrl, why: String) -> Error {
    Error::CannotConnect {
        host: url.host().to_owned(),
        port: url.port(),
        database: url.database().to_owned(),
        why,
    }
}

pub(super) fn connect_error(url: &DatabaseUrl, error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(db) => refused(
            url,
            format!("{} ({})", server_words(error), db.code().code()),
        ),
        None if std::error::Error::source(error).is_some_and(is_tls) => {
            Error::Tls { why: causes(error) }
        }
        None => refused(url, causes(error)),
    }
}

fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.is::<rustls::Error>()
        || cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .is_some_and(|inner| inner.is::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_host_is_never_spoken_to_in_plain_text() {
        let remote = DatabaseUrl::parse("postgres://u:p@db.example.com/d?sslmode=disable").unwrap();
        let config = config(&remote, Purpose::ReadOnly, "test");
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert!(
            config
                .get_options()
                .unwrap()
                .contains("default_transaction_read_only=on")
        );
    }

    #[test]
    fn a_dead_path_is_noticed_on_both_sides() {
        let remote = DatabaseUrl::parse("postgres://u:p@db.example.com/d").unwrap();
        let config = config(&remote, Purpose::Work, "test");
        assert_eq!(
            config.get_tcp_user_timeout(),
            Some(&Duration::from_secs(30))
        );
        let options = config.get_options().unwrap();
        for setting in ["idle=15", "interval=5", "count=3"] {
            assert!(options.contains(&format!("-c tcp_keepalives_{setting}")));
        }
    }
}
