//! A connection URL that never shows its password.

use std::fmt;
use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::Host;

/// Why a connection URL was refused. Never repeats the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is no URL, or not one for PostgreSQL.
    #[error("not a postgres:// URL")]
    NotPostgres,
    /// A part is missing, or there is more than one host.
    #[error("the database URL names no {0}")]
    Missing(&'static str),
    /// Part of a login may stand where the database's name is read.
    #[error(
        "the database URL holds an @ behind its host: in a login or a name it must be written %40, and a / as %2F"
    )]
    Unescaped,
}

/// Where a database is and how to log in.
#[derive(Clone)]
pub struct DatabaseUrl {
    host: String,
    port: u16,
    database: String,
    user: String,
    password: Option<SecretString>,
}

impl DatabaseUrl {
    /// Parses a `postgres://user:password@host:port/database` URL, as in a
    /// config var. Parameters after `?` are ignored: encryption and session
    /// settings are this crate's own decision.
    ///
    /// # Errors
    /// When it is no such URL, lacks host, user or database, or is not escaped.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let mut url = ::url::Url::parse(text.trim()).map_err(|_| UrlError::NotPostgres)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(UrlError::NotPostgres);
        }
        // Of `u:pa@ss/word@host` the rest of the password would be taken for the database's name,
        // which is shown.
        if url.path().contains('@') {
            return Err(UrlError::Unescaped);
        }
        url.set_query(None);
        url.set_fragment(None);
        // The driver's own parser undoes the percent-encoding of every part.
        let config: tokio_postgres::Config =
            url.as_str().parse().map_err(|_| UrlError::NotPostgres)?;
        let host = match config.get_hosts() {
            [Host::Tcp(host)] if !host.is_empty() => host.trim_matches(['[', ']']).to_owned(),
            _ => return Err(UrlError::Missing("single host")),
        };
        let password = config
            .get_password()
            .map(|bytes| SecretString::from(String::from_utf8_lossy(bytes).into_owned()));
        Ok(Self {
            host,
            port: config.get_ports().first().copied().unwrap_or(5432),
            database: config
                .get_dbname()
                .ok_or(UrlError::Missing("database"))?
                .to_owned(),
            user: config
                .get_user()
                .ok_or(UrlError::Missing("user"))?
                .to_owned(),
            password,
        })
    }

    /// The server's host name or address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The server's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The database's name.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The role that logs in.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password, for the driver and the client programs' environment only.
    pub(crate) fn password(&self) -> Option<&str> {
        self.password.as_ref().map(ExposeSecret::expose_secret)
    }

    /// Whether both name the same database on the same server. User and
    /// password may differ.
    #[must_use]
    pub fn same_database(&self, other: &Self) -> bool {
        self.host.eq_ignore_ascii_case(&other.host)
            && self.port == other.port
            && self.database == other.database
    }

    /// Whether the host is this machine, so that plain text is acceptable.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

/// Without the password, whether there is one or not.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "postgres://{}@{}:{}/{}",
            self.user, self.host, self.port, self.database
        )
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every byte that is no letter or digit as `%XX`.
    fn encoded(text: &str) -> String {
        text.bytes()
            .map(|byte| match byte {
                b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_being_repeated(
            scheme in "(postgres://|postgresql://|http://|://|)", login in "(.{0,8}KANARI.{0,8}@)?",
            host in "([a-z.]{0,8}|\\[[0-9a-f:]{0,9}\\]|%[0-9a-f]{2}.{0,6}|.{0,9})",
            rest in "(:[0-9]{0,7})?(/.{0,9})?([?#].{0,9})?"
        ) {
            let shown = match DatabaseUrl::parse(&format!("{scheme}{login}{host}{rest}")) {
                // A user's name and a host are no secrets.
                Ok(url) if url.user().contains("KANARI") => String::new(),
                Ok(url) if url.host().to_uppercase().contains("KANARI") => String::new(),
                Ok(url) => format!("{url} {url:?} {}", url.is_loopback()),
                Err(error) => format!("{error} {error:?}"),
            };
            prop_assert!(!shown.contains("KANARI"), "{shown}");
        }

        #[test]
        fn parts_come_back_as_they_were(
            user in "[^\0]{1,12}", password in "[^\0]{1,12}", database in "[^\0]{1,12}",
            port in 1_u16..
        ) {
            // To a URL these are steps in a path, however they are written.
            prop_assume!(!matches!(database.as_str(), "." | ".."));
            let text = format!(
                "postgres://{}:{}@db.example.com:{port}/{}?x=1#y",
                encoded(&user), encoded(&password), encoded(&database)
            );
            let url = DatabaseUrl::parse(&text).unwrap();
            prop_assert_eq!(url.user(), user);
            prop_assert_eq!(url.password(), Some(password.as_str()));
            prop_assert_eq!((url.port(), url.database()), (port, database.as_str()));
            prop_assert!(!url.is_loopback());
        }
    }

    #[test]
    fn parts_are_decoded_and_the_password_never_shows() {
        let url = DatabaseUrl::parse(
            "postgres://us%40er:s3cr%2Ft%3A@db.example.com:5433/d%20b?sslmode=require",
        )
        .unwrap();
        assert_eq!(
            (url.user(), url.host(), url.port()),
            ("us@er", "db.example.com", 5433)
        );
        assert_eq!(url.database(), "d b");
        assert_eq!(url.password(), Some("s3cr/t:"));
        for text in [format!("{url}"), format!("{url:?}"), format!("{url:#?}")] {
            assert!(!text.contains("s3cr"), "{text}");
        }
    }

    #[test]
    fn what_is_no_database_url_is_refused_without_being_repeated() {
        for text in [
            "",
            "hunter2",
            "https://u:hunter2@h/d",
            "postgres:///d",
            "postgres://u:hunter2@h",
            "postgres://u:hunter2@h:x/d",
        ] {
            let error = DatabaseUrl::parse(text).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_same_database_is_known_under_other_credentials() {
        let one = DatabaseUrl::parse("postgres://a:x@Host.example.com/d").unwrap();
        let two = DatabaseUrl::parse("postgresql://b:y@host.example.com:5432/d").unwrap();
        let three = DatabaseUrl::parse("postgres://a:x@host.example.com:5432/e").unwrap();
        assert!(one.same_database(&two));
        assert!(!one.same_database(&three));
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let is = |host: &str| {
            DatabaseUrl::parse(&format!("postgres://u@{host}/d"))
                .unwrap()
                .is_loopback()
        };
        assert!(is("localhost") && is("127.0.0.1") && is("127.9.9.9") && is("[::1]"));
        assert!(!is("localhost.example.com") && !is("10.0.0.1"));
    }
}
