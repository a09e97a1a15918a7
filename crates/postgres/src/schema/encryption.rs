//! How a client program encrypts: as the sessions of this crate do.

use std::ffi::OsString;

use tokio::process::Command;

use crate::Error;
use crate::session::DatabaseUrl;

/// A path that cannot exist. Without a root, libpq would take one from the home
/// directory and verify by it, and so refuse what the sessions accept
/// (PostgreSQL manual, "SSL Support").
const NO_ROOT: &str = "/dev/null/none";

/// The first version of libpq that knows `PGSSLROOTCERT=system`.
const SYSTEM_SINCE: u32 = 16;

/// Mode and root certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Encryption {
    mode: &'static str,
    root: OsString,
}

impl Encryption {
    /// Decides by the operator's `PGSSLROOTCERT`, for a program of this major
    /// version.
    pub(super) fn of(url: &DatabaseUrl, root: Option<OsString>, major: u32) -> Result<Self, Error> {
        let root = root.filter(|root| !root.is_empty());
        let (mode, root) = match root {
            _ if url.is_loopback() => ("prefer", NO_ROOT.into()),
            Some(root) if root == "system" && major < SYSTEM_SINCE => {
                return Err(Error::Tls {
                    why: format!(
                        "PGSSLROOTCERT=system is understood by pg_dump {SYSTEM_SINCE} and newer, and this is \
                         {major}: install a newer one, or give the file of your system's root certificates"
                    ),
                });
            }
            Some(root) => ("verify-full", root),
            None => ("require", NO_ROOT.into()),
        };
        Ok(Self { mode, root })
    }

    /// Hands it to a program.
    pub(super) fn set(&self, command: &mut Command) {
        command
            .env("PGSSLMODE", self.mode)
            .env("PGSSLROOTCERT", &self.root);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, root: Option<&str>, major: u32) -> Result<(&'static str, OsString), Error> {
        let url = DatabaseUrl::parse(&format!("postgres://u:p@{host}/d")).unwrap();
        let chosen = Encryption::of(&url, root.map(OsString::from), major)?;
        Ok((chosen.mode, chosen.root))
    }

    #[test]
    fn a_root_in_the_home_directory_is_never_taken() {
        assert!(std::fs::metadata(NO_ROOT).is_err());
        for none in [None, Some("")] {
            let chosen = of("db.example.com", none, 15).unwrap();
            assert_eq!(chosen, ("require", NO_ROOT.into()));
        }
        let chosen = of("localhost", Some("system"), 15).unwrap();
        assert_eq!(chosen, ("prefer", NO_ROOT.into()));
    }

    #[test]
    fn a_root_that_is_given_is_verified_by() {
        let chosen = of("db.example.com", Some("/etc/root.pem"), 15).unwrap();
        assert_eq!(chosen, ("verify-full", "/etc/root.pem".into()));
    }

    #[test]
    fn the_systems_roots_need_a_newer_libpq_and_the_error_says_so() {
        let error = of("db.example.com", Some("system"), 15).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("pg_dump 16") && error.contains("this is 15"),
            "{error}"
        );
        let chosen = of("db.example.com", Some("system"), 16).unwrap();
        assert_eq!(chosen, ("verify-full", "system".into()));
    }
}
