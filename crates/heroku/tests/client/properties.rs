//! Whatever bytes come from outside: no panic, no token where it does not belong, no secret shown.
//!
//! `PROPTEST_CASES` sets how many are tried.

use std::fmt::Debug;

use connect_swap_heroku::connect::{
    ConnectionSummary, DatabaseRef, FieldSchema, Mapping, SalesforceInfo, WriteError,
};
use connect_swap_heroku::data::{DatabaseInfo, WaitStatus};
use connect_swap_heroku::platform::{
    Account, Addon, App, Attachment, ConfigVars, Dyno, Formation, Release,
};
use connect_swap_heroku::{AddonName, AppName, ConfigVarName, Hosts, without_secrets};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::Url;

use crate::samples::{addon, app, attachment, mapping, release, summary};

/// Any JSON, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["-1", "2026-13-45", "https://", "\u{1b}[2J", "a b"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..6)
                .prop_map(|members| Value::from(Map::from_iter(members))),
        ]
    })
}

/// Puts something else in the place of the n-th value, or takes it away.
fn changed(mut whole: Value, at: usize, with: Option<Value>) -> Value {
    fn walk(value: &mut Value, left: &mut usize, with: &mut Option<Option<Value>>) {
        let members: Vec<String> = match value {
            Value::Object(map) => map.keys().cloned().collect(),
            _ => Vec::new(),
        };
        for key in members {
            if *left == 0 {
                match with.take() {
                    Some(Some(new)) => value[&key] = new,
                    Some(None) => drop(value.as_object_mut().map(|map| map.remove(&key))),
                    None => {}
                }
                return;
            }
            *left -= 1;
            walk(&mut value[&key], left, with);
            if with.is_none() {
                return;
            }
        }
        if let Value::Array(items) = value {
            for item in items {
                walk(item, left, with);
            }
        }
    }
    walk(&mut whole, &mut { at }, &mut Some(with));
    whole
}

/// Reads it if it can; an error has words, and none of them is longer than a screen.
fn read<T: DeserializeOwned + Debug>(value: &Value) {
    if let Err(error) = serde_json::from_value::<T>(value.clone()) {
        assert!(!error.to_string().is_empty());
    }
}

fn read_all(value: &Value) {
    read::<Account>(value);
    read::<App>(value);
    read::<Addon>(value);
    read::<Attachment>(value);
    read::<ConfigVars>(value);
    read::<Dyno>(value);
    read::<Formation>(value);
    read::<Release>(value);
    read::<DatabaseInfo>(value);
    read::<WaitStatus>(value);
    read::<DatabaseRef>(value);
    read::<SalesforceInfo>(value);
    read::<FieldSchema>(value);
    read::<ConnectionSummary>(value);
    read::<Mapping>(value);
    read::<WriteError>(value);
}

fn samples() -> Vec<Value> {
    vec![
        app(),
        addon("postgresql-flat-1", "provisioned"),
        attachment("a-1", "DATABASE", "postgresql-flat-1", json!(null)),
        release(7),
        summary("https://connect-eu.heroku.com"),
        mapping(
            "DATA_SYNCED",
            json!({ "fields": { "Id": {} }, "revision": 3 }),
        ),
    ]
}

/// Texts that look like addresses.
fn any_address() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec![
        "https://",
        "http://",
        "HTTPS://",
        "//",
        "https:",
        "ftp://",
        "file://",
        "",
        "https:\\\\",
    ]);
    let login = prop::sample::select(vec!["", "", "", "u@", "u:p@", "api.heroku.com@", "@"]);
    let host = prop_oneof![
        prop::sample::select(vec![
            "api.heroku.com",
            "heroku.com",
            "evil.example",
            "heroku.com.evil.example",
            "evilheroku.com",
            "127.0.0.1",
            "[::1]",
            "localhost",
            "0.0.0.0",
            "[::ffff:127.0.0.1]",
            "API.Heroku.COM",
            "heroku.com.",
            "2130706433",
            "10.0.0.1",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9.:\\[\\]@%-]{0,20}",
        ".{0,10}",
    ];
    let rest = prop::sample::select(vec![
        "",
        "/",
        ":443",
        ":8080/x",
        "/@heroku.com",
        "#heroku.com",
    ]);
    (scheme, login, host, rest).prop_map(|(a, b, c, d)| format!("{a}{b}{c}{d}"))
}

/// The rule in other words than the product's: over TLS to a name of Heroku's, without a login.
fn is_herokus(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let family = [
        "heroku.com",
        "herokai.com",
        "herokuspace.com",
        "herokudev.com",
    ];
    url.scheme() == "https"
        && !url
            .as_str()
            .split('/')
            .nth(2)
            .unwrap_or_default()
            .contains('@')
        && family
            .iter()
            .any(|name| host == *name || host.ends_with(&format!(".{name}")))
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        read_all(&value);
    }

    #[test]
    fn a_changed_answer_is_read_or_refused(
        which in 0_usize..6, at in 0_usize..24, with in prop::option::of(any_json())
    ) {
        read_all(&changed(samples().swap_remove(which), at, with));
    }

    #[test]
    fn names_survive_a_round_trip_or_are_refused(text in ".{0,110}") {
        for name in [AppName::try_from(text.as_str()).map(String::from),
            AddonName::try_from(text.as_str()).map(String::from),
            ConfigVarName::try_from(text.as_str()).map(String::from)] {
            match name {
                Ok(name) => {
                    prop_assert_eq!(&name, &text);
                    prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
                }
                Err(error) => {
                    let shown = error.to_string();
                    prop_assert!(!shown.contains('\u{1b}') && shown.len() < 1_200, "{shown}");
                }
            }
        }
    }

    #[test]
    fn the_token_goes_to_heroku_only(address in any_address()) {
        if let Ok(url) = Url::parse(&address) {
            prop_assert_eq!(Hosts::default().may_receive_token(&url), is_herokus(&url), "{}", url);
        }
    }

    #[test]
    fn a_redirect_is_followed_where_the_token_may_go_only(address in any_address()) {
        let from = Url::parse("https://api.heroku.com/apps/demo").unwrap();
        if let Ok(url) = from.join(&address) {
            prop_assert_eq!(Hosts::default().may_receive_token(&url), is_herokus(&url), "{}", url);
        }
    }

    #[test]
    fn hosts_of_the_environment_are_herokus_or_refused(
        platform in any_address(), data in any_address(), discovery in any_address()
    ) {
        let get = |name: &str| match name {
            "HEROKU_HOST" => Some(platform.clone()),
            "HEROKU_DATA_HOST" => Some(data.clone()),
            _ => Some(discovery.clone()),
        };
        match Hosts::from_lookup(get) {
            Ok(hosts) if hosts.is_loopback() => {
                prop_assert!(!hosts.may_receive_token(&Url::parse("https://api.heroku.com").unwrap()));
            }
            Ok(hosts) => {
                for url in [&hosts.platform, &hosts.data, &hosts.discovery] {
                    prop_assert!(is_herokus(url), "{}", url);
                }
            }
            Err(error) => {
                let shown = error.to_string();
                prop_assert!(!shown.contains('\u{1b}'), "{}", shown);
            }
        }
    }

    #[test]
    fn a_password_in_a_url_is_not_shown(
        before in ".{0,20}", user in "[a-z0-9]{1,12}", password in "[^\\s]{1,24}",
        scheme in "postgres(ql)?", after in "( .{0,20})?"
    ) {
        let canary = format!("KANARI{password}VOGEL");
        let text = format!("{before} {scheme}://{user}:{canary}@db.example.com:5432/d{after}");
        let shown = without_secrets(&text);
        prop_assert!(!shown.contains(&canary), "{}", shown);
        prop_assert!(!shown.contains("KANARI"), "{}", shown);
        prop_assert_eq!(without_secrets(&shown), shown.clone(), "twice is as good as once");
    }

    #[test]
    fn a_password_in_a_web_address_is_not_shown(password in "[A-Za-z0-9:@!$&()*+,;=._~%-]{1,24}") {
        let text = format!("see https://u:KANARI{password}@example.com/x.");
        prop_assert!(!without_secrets(&text).contains("KANARI"));
    }

    #[test]
    fn a_salesforce_session_is_not_shown(
        before in "(.{0,12}[^A-Za-z0-9])?", id in "00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?",
        secret in "[A-Za-z0-9._]{1,90}", after in "([^A-Za-z0-9._].{0,12})?"
    ) {
        let shown = without_secrets(&format!("{before}{id}!KANARI{secret}{after}"));
        prop_assert!(!shown.contains("KANARI"), "{}", shown);
    }

    #[test]
    fn text_without_secrets_stays(text in "[^:!]{0,60}") {
        prop_assert_eq!(without_secrets(&text), text);
    }
}
