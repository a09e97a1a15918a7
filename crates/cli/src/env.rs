//! Every environment variable that the binary reads, in one place.
//!
//! Proxy variables and `PGSSLROOTCERT` are read by the clients themselves. No netrc and no
//! keychain is read: the Heroku CLI resolves the login and hands the token over in
//! `HEROKU_API_KEY`.

use connect_swap_engine::{Injection, SystemClock, Where};
use connect_swap_heroku::{AppName, Hosts, HostsError};
use connect_swap_swap::journal::KillPoint;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::ui::Wishes;

/// The app that is meant where none is named on the command line.
pub(crate) const APP: &str = "HEROKU_APP";
/// The token of the Heroku account.
pub(crate) const TOKEN: &str = "HEROKU_API_KEY";
/// How many times faster than the machine's the operator's clock runs; only for a sandbox.
pub(crate) const CLOCK_SPEED: &str = "CONNECT_SWAP_CLOCK_SPEED";
/// When a sandbox's clock began to run.
pub(crate) const CLOCK_ORIGIN: &str = "CONNECT_SWAP_CLOCK_ORIGIN";
/// `STEP:KIND:MOMENT`: ends the process at a journal write (see [`KillPoint`]); only against a
/// sandbox.
pub(crate) const KILL_AT_WRITE: &str = "CONNECT_SWAP_TEST_KILL_AT";
/// `twice:STEP`, `fail-before:STEP`, `fail-after:STEP` or `undo-twice:STEP`, several separated by
/// semicolons, without `:STEP` at every step; only against a sandbox.
pub(crate) const FAULT: &str = "CONNECT_SWAP_TEST_FAULT";
/// What opens the page on which Salesforce is authorised.
pub(crate) const BROWSER: &str = "BROWSER";

/// A variable whose value cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvError {
    /// A host that is not acceptable.
    #[error(transparent)]
    Hosts(#[from] HostsError),
    /// A malformed variable.
    #[error("{name}={value:?} is not {expected}")]
    Malformed {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is expected.
        expected: &'static str,
    },
}

/// What the environment says.
#[derive(Debug)]
pub(crate) struct Environment {
    /// Where the APIs are.
    pub(crate) hosts: Hosts,
    /// The token, where there is one.
    pub(crate) token: Option<SecretString>,
    /// How fast the operator's clock runs: 1 outside a sandbox.
    pub(crate) clock_speed: f64,
    /// When the sandbox's clock began to run, so that every process in it agrees on the time.
    pub(crate) clock_origin: Option<Timestamp>,
    /// Faults put in on purpose: none outside a sandbox.
    pub(crate) injection: Injection,
    /// At which journal write the process ends: none outside a sandbox.
    pub(crate) kill_at: Option<KillPoint>,
    /// What opens a page.
    pub(crate) browser: Option<String>,
}

impl Environment {
    /// Reads what the commands against an app need.
    ///
    /// # Errors
    /// A host that is neither Heroku's nor loopback, or a malformed variable.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, EnvError> {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        let hosts = Hosts::from_lookup(&get)?;
        // These would be dangerous against production, so there they do not exist.
        let sandbox = |name: &str| set(name).filter(|_| hosts.is_loopback());
        Ok(Self {
            clock_speed: sandbox(CLOCK_SPEED).map_or(Ok(1.0), speed)?,
            clock_origin: sandbox(CLOCK_ORIGIN).map(origin).transpose()?,
            injection: sandbox(FAULT).map_or(Ok(Injection::default()), fault)?,
            kill_at: sandbox(KILL_AT_WRITE).map(kill_point).transpose()?,
            token: set(TOKEN).map(SecretString::from),
            browser: set(BROWSER),
            hosts,
        })
    }
}

impl Environment {
    /// The operator's clock: the machine's own, or a sandbox's.
    pub(crate) fn clock(&self) -> SystemClock {
        let clock = SystemClock::new(self.clock_speed);
        match self.clock_origin {
            Some(origin) => clock.since(origin),
            None => clock,
        }
    }
}

/// The app of `HEROKU_APP`; an empty name is none. Read apart from the rest: a rehearsal has an
/// app of its own, whatever the variable says.
///
/// # Errors
/// What can be no app's name.
pub(crate) fn app(get: impl Fn(&str) -> Option<String>) -> Result<Option<AppName>, EnvError> {
    let set = get(APP).filter(|value| !value.is_empty());
    set.map(|value| {
        AppName::try_from(value.as_str()).map_err(|_| malformed(APP, value, "the name of an app"))
    })
    .transpose()
}

/// Reads what decides the look of the screen: `NO_COLOR`, `FORCE_COLOR`, `CI`, `TERM`,
/// `COLORTERM` and `HEROKU_THEME`.
pub(crate) fn wishes(get: impl Fn(&str) -> Option<String>) -> Wishes {
    let set = |name: &str| get(name).filter(|value| !value.is_empty());
    Wishes {
        no_color: set("NO_COLOR").is_some(),
        force_color: get("FORCE_COLOR"),
        ci: set("CI").is_some_and(|value| value != "false" && value != "0"),
        term: set("TERM"),
        colorterm: set("COLORTERM").is_some(),
        simple_theme: get("HEROKU_THEME").as_deref() == Some("simple"),
    }
}

/// The process's own environment; what is not Unicode counts as not set.
pub(crate) fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn speed(value: String) -> Result<f64, EnvError> {
    match value.parse::<f64>() {
        Ok(speed) if (1.0..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err(malformed(CLOCK_SPEED, value, "a number from 1 to 100000")),
    }
}

fn origin(value: String) -> Result<Timestamp, EnvError> {
    value
        .parse()
        .map_err(|_| malformed(CLOCK_ORIGIN, value, "a moment such as 2026-01-01T00:00:00Z"))
}

fn kill_point(value: String) -> Result<KillPoint, EnvError> {
    let expected = "STEP:intent|applied|undo-intent|undone|consent:before|after";
    value
        .parse()
        .map_err(|_| malformed(KILL_AT_WRITE, value, expected))
}

fn fault(value: String) -> Result<Injection, EnvError> {
    let mut injection = Injection::default();
    for part in value.split(';') {
        let (kind, place) = match part.split_once(':') {
            Some((kind, step)) => (kind, Where::Step(step.to_owned())),
            None => (part, Where::Everywhere),
        };
        match kind {
            "twice" => injection.twice = place,
            "fail-before" => injection.fail_before = place,
            "fail-after" => injection.fail_after = place,
            "undo-twice" => injection.undo_twice = place,
            _ => {
                let expected = "twice:STEP, fail-before:STEP, fail-after:STEP or undo-twice:STEP";
                return Err(malformed(FAULT, value, expected));
            }
        }
    }
    Ok(injection)
}

fn malformed(name: &'static str, value: String, expected: &'static str) -> EnvError {
    EnvError::Malformed {
        name,
        value,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use connect_swap_engine::Clock;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_environment_is_read_or_refused(
            speed in "(-?[0-9]{0,4}(\\.[0-9])?(e-?[0-9]{1,3})?|inf|NaN|.{0,5})",
            origin in "(-?[0-9]{4,6}-[01][0-9]-[0-3][0-9]T00:00:00Z|.{0,5})",
            kill in "([a-z-]{0,9}:(intent|applied|undone|consent|.{0,3}):(before|after|.{0,3}),?){0,3}",
            fault in "((twice|fail-before|undo-twice|.{0,3})(:[a-z-]{0,9})?;?){0,3}",
            app in ".{0,9}", other in ".{0,9}"
        ) {
            let values = [
                (CLOCK_SPEED, &speed), (CLOCK_ORIGIN, &origin), (KILL_AT_WRITE, &kill),
                (FAULT, &fault), (APP, &app), (BROWSER, &other), (TOKEN, &other),
            ];
            let get = |name: &str| {
                let local = LOCAL.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned());
                local.or_else(|| Some(values.iter().find(|(key, _)| *key == name)?.1.clone()))
            };
            match Environment::read(get) {
                // Whatever was set, there is a time.
                Ok(environment) => drop(environment.clock().now()),
                Err(error) => {
                    let shown = error.to_string();
                    prop_assert!(values.iter().any(|(name, _)| shown.contains(name)), "{shown}");
                    prop_assert!(!shown.contains(char::is_control), "{shown:?}");
                }
            }
            prop_assert!(!super::app(get).is_err_and(|error| !error.to_string().contains(APP)));
            let _ = wishes(get);
        }
    }

    fn read(set: &[(&str, &str)]) -> Result<Environment, EnvError> {
        Environment::read(|name| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    const LOCAL: [(&str, &str); 3] = [
        ("HEROKU_HOST", "http://127.0.0.1:5080"),
        ("HEROKU_DATA_HOST", "127.0.0.1"),
        ("CONNECT_DISCOVERY_SERVER", "http://127.0.0.1:5080"),
    ];

    const TESTING: [(&str, &str); 3] = [
        (CLOCK_SPEED, "60"),
        (KILL_AT_WRITE, "promote:intent:after"),
        (FAULT, "fail-after:promote;undo-twice"),
    ];

    #[test]
    fn what_is_for_tests_is_heard_on_loopback_only() {
        let local = read(&[&LOCAL[..], &TESTING[..]].concat()).unwrap();
        assert_eq!(local.clock_speed, 60.0);
        assert!(local.kill_at.is_some());
        assert_eq!(
            local.injection.fail_after,
            Where::Step("promote".to_owned())
        );
        assert_eq!(local.injection.undo_twice, Where::Everywhere);
        let production = read(&TESTING).unwrap();
        assert_eq!(production.clock_speed, 1.0);
        assert_eq!(production.kill_at, None);
        assert_eq!(production.injection, Injection::default());
    }

    #[test]
    fn a_malformed_variable_is_named() {
        for (name, value) in [(CLOCK_SPEED, "fast"), (KILL_AT_WRITE, "3"), (FAULT, "burn")] {
            let error = read(&[&LOCAL[..], &[(name, value)]].concat()).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
        assert!(matches!(
            read(&[("HEROKU_HOST", "example.com")]),
            Err(EnvError::Hosts(_))
        ));
    }

    #[test]
    fn the_token_is_not_shown() {
        let environment = read(&[(TOKEN, "HRKU-secret")]).unwrap();
        assert!(environment.token.is_some());
        assert!(!format!("{environment:?}").contains("HRKU-secret"));
        assert!(read(&[(TOKEN, "")]).unwrap().token.is_none());
    }

    #[test]
    fn an_empty_app_is_none_and_a_malformed_one_is_named() {
        let read = |value: &str| app(|name| (name == APP).then(|| value.to_owned()));
        assert_eq!(read("").unwrap(), None);
        assert_eq!(read("demo").unwrap().unwrap().as_str(), "demo");
        assert!(read("No App").unwrap_err().to_string().contains(APP));
    }

    #[test]
    fn what_ci_means() {
        let ci = |value: &str| wishes(|name| (name == "CI").then(|| value.to_owned())).ci;
        assert!(ci("true") && ci("1"));
        assert!(!ci("false") && !ci("0") && !ci(""));
    }
}
