//! Where the three APIs are, and which servers may be shown the token.
//!
//! The rules are those of the Heroku CLI's own client (heroku-cli-command `src/vars.ts`,
//! heroku-cli-util `src/utils/pg/host.ts`, heroku-connect-plugin `src/lib/clients/discovery.ts`)
//! with three differences on the side of safety: an override that is not acceptable is an error
//! and never means production; loopback is judged on the host itself, not on a part of the text;
//! and only loopback may be spoken to without TLS.

use std::net::IpAddr;

use url::{Host, Url};

/// Domains that belong to Heroku, as the CLI lists them.
const HEROKU_DOMAINS: [&str; 4] = [
    "heroku.com",
    "herokai.com",
    "herokuspace.com",
    "herokudev.com",
];

/// Base addresses of the three APIs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// The Platform API: `https://api.heroku.com`.
    pub platform: Url,
    /// The Data API: `https://api.data.heroku.com`.
    pub data: Url,
    /// Connect's discovery server: `https://hc-central.heroku.com`.
    pub discovery: Url,
}

/// An override that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostsError {
    /// It is no address at all, or more than an address.
    #[error("{variable}={value:?} is not {expected}")]
    Malformed {
        /// The environment variable.
        variable: &'static str,
        /// Its value, without a login.
        value: String,
        /// What is expected there.
        expected: &'static str,
    },
    /// It names a server that is neither Heroku's nor on this machine.
    #[error("{variable}={value:?} names a host that is neither Heroku's nor a loopback address")]
    Foreign {
        /// The environment variable.
        variable: &'static str,
        /// Its value, without a login.
        value: String,
    },
    /// It asks for plain HTTP to something that is not on this machine.
    #[error("{variable}={value:?} would send the token without TLS")]
    Insecure {
        /// The environment variable.
        variable: &'static str,
        /// Its value, without a login.
        value: String,
    },
    /// Some of the three are on this machine and some are not.
    #[error(
        "{variable} must be set to a loopback address as the others are: without that, requests \
         meant for this machine would go to {host}"
    )]
    Mixed {
        /// The variable whose API is not on loopback.
        variable: &'static str,
        /// The host that it would be.
        host: String,
    },
}

impl Hosts {
    /// Reads `HEROKU_HOST`, `HEROKU_DATA_HOST` (or `HEROKU_POSTGRESQL_HOST`) and
    /// `CONNECT_DISCOVERY_SERVER` through `get`; what is not set, or empty, is production.
    ///
    /// # Errors
    /// An override that is malformed, foreign, without TLS, or loopback beside production.
    pub fn from_lookup(get: impl Fn(&str) -> Option<String>) -> Result<Hosts, HostsError> {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        let platform = platform(set("HEROKU_HOST").as_deref())?;
        let data = match set("HEROKU_DATA_HOST") {
            Some(value) => data(&platform, "HEROKU_DATA_HOST", &value)?,
            None => {
                let value = set("HEROKU_POSTGRESQL_HOST");
                data(
                    &platform,
                    "HEROKU_POSTGRESQL_HOST",
                    value.as_deref().unwrap_or("api.data.heroku.com"),
                )?
            }
        };
        let discovery = set("CONNECT_DISCOVERY_SERVER");
        let discovery = base(
            "CONNECT_DISCOVERY_SERVER",
            discovery
                .as_deref()
                .unwrap_or("https://hc-central.heroku.com"),
        )?;
        let hosts = Hosts {
            platform,
            data,
            discovery,
        };
        hosts.refuse_mixture()?;
        Ok(hosts)
    }

    /// Whether all three are on this machine.
    pub fn is_loopback(&self) -> bool {
        [&self.platform, &self.data, &self.discovery]
            .into_iter()
            .all(is_loopback)
    }

    /// Whether the bearer token may be sent to `url`: Heroku's servers over TLS, and servers on
    /// this machine when all three APIs are there. Never with another login beside it.
    pub fn may_receive_token(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        if is_loopback(url) {
            self.is_loopback() && matches!(url.scheme(), "http" | "https")
        } else {
            !self.is_loopback() && url.scheme() == "https" && is_heroku(url)
        }
    }

    fn refuse_mixture(&self) -> Result<(), HostsError> {
        let all = [
            ("HEROKU_HOST", &self.platform),
            ("HEROKU_DATA_HOST", &self.data),
            ("CONNECT_DISCOVERY_SERVER", &self.discovery),
        ];
        let outside = all.iter().find(|(_, url)| !is_loopback(url));
        match outside {
            Some((variable, url)) if all.iter().any(|(_, url)| is_loopback(url)) => {
                let host = url.host_str().unwrap_or_default().to_owned();
                Err(HostsError::Mixed { variable, host })
            }
            _ => Ok(()),
        }
    }
}

impl Default for Hosts {
    /// Production.
    fn default() -> Self {
        Hosts::from_lookup(|_| None).expect("production's addresses are acceptable")
    }
}

fn platform(value: Option<&str>) -> Result<Url, HostsError> {
    const VARIABLE: &str = "HEROKU_HOST";
    match value {
        Some(value) if value.starts_with("http") => base(VARIABLE, value),
        Some(value) => base(VARIABLE, &format!("https://api.{value}")),
        None => base(VARIABLE, "https://api.heroku.com"),
    }
}

/// The CLI replaces nothing but the host name of the Platform API's address.
fn data(platform: &Url, variable: &'static str, value: &str) -> Result<Url, HostsError> {
    let malformed = || HostsError::Malformed {
        variable,
        value: shown(value),
        expected: "a bare host name (scheme and port follow HEROKU_HOST)",
    };
    let bare = value.parse::<IpAddr>().is_ok()
        || value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        || (value.starts_with('[') && value.ends_with(']'));
    if !bare {
        return Err(malformed());
    }
    let mut url = platform.clone();
    url.set_host(Some(value)).map_err(|_| malformed())?;
    // Plain HTTP and an odd port are the platform's, on loopback: production beside it is a
    // mixture, which has a better message than either.
    if is_loopback(platform) && !is_loopback(&url) && is_heroku(&url) {
        return Ok(url);
    }
    accept(variable, value, url)
}

fn base(variable: &'static str, value: &str) -> Result<Url, HostsError> {
    let malformed = || HostsError::Malformed {
        variable,
        value: shown(value),
        expected: "a host name or an address like https://api.heroku.com",
    };
    let url = Url::parse(value).map_err(|_| malformed())?;
    let plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !plain || url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        return Err(malformed());
    }
    accept(variable, value, url)
}

fn accept(variable: &'static str, value: &str, url: Url) -> Result<Url, HostsError> {
    if is_loopback(&url) {
        return Ok(url);
    }
    let value = shown(value);
    if !is_heroku(&url) {
        return Err(HostsError::Foreign { variable, value });
    }
    if url.scheme() != "https" {
        return Err(HostsError::Insecure { variable, value });
    }
    Ok(url)
}

/// A value as it may be shown: whatever stands before an `@` may be a login.
///
/// The last `@` counts and nothing ends the login before it: what is refused here may be malformed
/// in any way.
fn shown(value: &str) -> String {
    let start = value.find("://").map_or(0, |at| at + "://".len());
    match value.rfind('@') {
        Some(at) if at >= start => format!("{}[redacted]{}", &value[..start], &value[at..]),
        _ => value.to_owned(),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn is_heroku(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else {
        return false;
    };
    HEROKU_DOMAINS.iter().any(|domain| {
        name.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(set: &[(&str, &str)]) -> Result<Hosts, HostsError> {
        Hosts::from_lookup(|name| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn local() -> Hosts {
        hosts(&[
            ("HEROKU_HOST", "http://127.0.0.1:5080"),
            ("HEROKU_DATA_HOST", "127.0.0.1"),
            ("CONNECT_DISCOVERY_SERVER", "http://127.0.0.1:5080"),
        ])
        .unwrap()
    }

    #[test]
    fn nothing_set_is_production() {
        let hosts = hosts(&[("HEROKU_HOST", "")]).unwrap();
        assert_eq!(hosts.platform.as_str(), "https://api.heroku.com/");
        assert_eq!(hosts.data.as_str(), "https://api.data.heroku.com/");
        assert_eq!(hosts.discovery.as_str(), "https://hc-central.heroku.com/");
        assert!(!hosts.is_loopback());
    }

    #[test]
    fn a_bare_host_gets_api_in_front() {
        let hosts = hosts(&[("HEROKU_HOST", "herokudev.com")]).unwrap();
        assert_eq!(hosts.platform.as_str(), "https://api.herokudev.com/");
    }

    #[test]
    fn the_data_host_follows_scheme_and_port() {
        let hosts = local();
        assert_eq!(hosts.data.as_str(), "http://127.0.0.1:5080/");
        assert!(hosts.is_loopback());
    }

    #[test]
    fn foreign_hosts_are_errors_and_never_production() {
        for value in [
            "example.com",
            "https://api.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "https://notheroku.com",
            "https://heroku.com.example.org",
            "localhost:5080.example",
            "http://10.0.0.1:5080",
            "http://0.0.0.0:5080",
        ] {
            assert!(hosts(&[("HEROKU_HOST", value)]).is_err(), "{value}");
        }
    }

    #[test]
    fn plain_http_only_to_loopback() {
        let error = hosts(&[("HEROKU_HOST", "http://api.heroku.com")]).unwrap_err();
        assert!(matches!(error, HostsError::Insecure { .. }), "{error}");
    }

    #[test]
    fn an_address_is_no_more_than_an_address() {
        for value in [
            "https://user:pw@api.heroku.com",
            "https://api.heroku.com/v3",
            "https://api.heroku.com?x=1",
            "http://",
        ] {
            let error = hosts(&[("HEROKU_HOST", value)]).unwrap_err();
            assert!(
                matches!(error, HostsError::Malformed { .. }),
                "{value}: {error}"
            );
        }
        for value in [
            "127.0.0.1:5080",
            "http://127.0.0.1",
            "a/b",
            "x@api.data.heroku.com",
        ] {
            let error = hosts(&[("HEROKU_DATA_HOST", value)]).unwrap_err();
            assert!(
                matches!(error, HostsError::Malformed { .. }),
                "{value}: {error}"
            );
        }
    }

    #[test]
    fn a_login_in_a_variable_is_not_shown() {
        for (variable, value) in [
            ("HEROKU_HOST", "https://user:hush@api.heroku.com"),
            ("HEROKU_HOST", "https://user:hush@api.example.com/"),
            ("HEROKU_HOST", "https://user:hu/hush#hush@api.heroku.com"),
            ("HEROKU_HOST", "https://hush@api.heroku.com"),
            ("HEROKU_HOST", "user:hush@heroku.com"),
            ("HEROKU_DATA_HOST", "user:hush@api.data.heroku.com"),
            (
                "CONNECT_DISCOVERY_SERVER",
                "http://user:hush@hc.example.com",
            ),
        ] {
            let error = hosts(&[(variable, value)]).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hush"), "{value}: {shown}");
            assert!(shown.contains("[redacted]@"), "{value}: {shown}");
        }
    }

    #[test]
    fn loopback_beside_production_is_refused() {
        let error = hosts(&[("HEROKU_HOST", "http://127.0.0.1:5080")]).unwrap_err();
        assert!(
            matches!(
                error,
                HostsError::Mixed {
                    variable: "HEROKU_DATA_HOST",
                    ..
                }
            ),
            "{error}"
        );
        let error = hosts(&[("CONNECT_DISCOVERY_SERVER", "http://localhost:1")]).unwrap_err();
        assert!(
            matches!(
                error,
                HostsError::Mixed {
                    variable: "HEROKU_HOST",
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn the_token_goes_to_heroku_over_tls_or_stays_on_this_machine() {
        let production = Hosts::default();
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(
            production.may_receive_token(&url("https://connect-3-virginia.heroku.com/api/v3/x"))
        );
        assert!(!production.may_receive_token(&url("http://connect-eu.heroku.com/")));
        assert!(!production.may_receive_token(&url("https://connect.example.com/")));
        assert!(!production.may_receive_token(&url("http://localhost/")));
        assert!(!production.may_receive_token(&url("https://evilheroku.com/")));
        assert!(local().may_receive_token(&url("http://[::1]:9/")));
        assert!(local().may_receive_token(&url("http://127.8.9.1:7/")));
        assert!(!local().may_receive_token(&url("https://api.heroku.com/")));
        assert!(!local().may_receive_token(&url("ftp://127.0.0.1/")));
    }

    #[test]
    fn no_spelling_of_another_host_passes_for_herokus() {
        let production = Hosts::default();
        for address in [
            "https://api.heroku.com@evil.example/",
            "https://api.heroku.com:443@evil.example/",
            "https://evil.example/api.heroku.com",
            "https://evil.example#api.heroku.com",
            "https://evil.example?api.heroku.com",
            "https://evil.example\\@api.heroku.com",
            "https://api.heroku.com.evil.example/",
            "https://api-heroku.com/",
            "https://heroku.com.",
            "https://api.heroku.com%2eevil.example/",
            "https://xn--heroku-.com/",
            "https://api.her\u{43e}ku.com/",
            "https://api.heroku.co/",
            "https://app.herokuapp.com/",
            "https://[::ffff:10.0.0.1]/",
            "https://167772161/",
            "https://user@api.heroku.com/",
            "https://:pw@api.heroku.com/",
            "wss://api.heroku.com/",
            "javascript://api.heroku.com/",
            "file://api.heroku.com/",
            "data:text/plain,api.heroku.com",
        ] {
            // What is no address at all goes nowhere.
            if let Ok(address) = Url::parse(address) {
                assert!(!production.may_receive_token(&address), "{address}");
            }
        }
        for address in [
            "HTTPS://API.HEROKU.COM/",
            "https://api.heroku.com:443/",
            "https://api.heroku.com:8443/",
            "https:api.heroku.com",
            "https:\\\\connect-eu.heroku.com\\api",
        ] {
            let address = Url::parse(address).unwrap();
            assert!(production.may_receive_token(&address), "{address}");
            assert!(!local().may_receive_token(&address), "{address}");
        }
    }

    #[test]
    fn no_spelling_of_another_machine_passes_for_this_one() {
        for address in [
            "http://0.0.0.0:5080/",
            "http://0:5080/",
            "http://[::]:5080/",
            "http://[::ffff:127.0.0.1]:5080/",
            "http://128.0.0.1/",
            "http://localhost.example.com/",
            "http://localhost./",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@10.0.0.1/",
            "http://user@127.0.0.1:5080/",
            "ws://127.0.0.1/",
            "unix:/run/x.sock",
        ] {
            let address = Url::parse(address).unwrap();
            assert!(!local().may_receive_token(&address), "{address}");
        }
        for address in [
            "http://LOCALHOST:1/",
            "http://2130706433/",
            "http://127.1/",
            "http://0x7f.1/",
        ] {
            let address = Url::parse(address).unwrap();
            assert!(local().may_receive_token(&address), "{address}");
        }
    }
}
