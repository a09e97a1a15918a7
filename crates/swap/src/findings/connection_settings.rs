//! What differs between two connections beside their mappings.

use std::collections::BTreeSet;

use connect_swap_heroku::connect::Connection;
use serde_json::Value;

/// The flag that decides how changes are written to Salesforce: true for Ordered Writes, false for
/// Merged Writes (thermondo/django-heroku-connect, `utils.py`).
const WRITE_ORDER: &str = "poll_db_no_merge";

/// One difference a line: every feature flag that either side knows, whether the connection logs
/// to the app's logs, and the Salesforce API version.
pub(super) fn differences(old: &Connection, new: &Connection) -> Vec<String> {
    let flags: BTreeSet<&String> = old.features.keys().chain(new.features.keys()).collect();
    let mut differences: Vec<String> = flags
        .into_iter()
        .filter(|flag| old.features.get(*flag) != new.features.get(*flag))
        .map(|flag| {
            let value = |of: &Connection| shown(flag, of.features.get(flag));
            line(&format!("feature {flag}"), &value(old), &value(new))
        })
        .collect();
    if old.logplex_log_enabled != new.logplex_log_enabled {
        let value = |of: &Connection| match of.logplex_log_enabled {
            Some(true) => "on",
            Some(false) => "off",
            None => "not told",
        };
        differences.push(line("application logging", value(old), value(new)));
    }
    if old.api_version() != new.api_version() {
        let value = |of: &Connection| of.api_version().unwrap_or("not told").to_owned();
        differences.push(line("Salesforce API version", &value(old), &value(new)));
    }
    differences
}

fn line(what: &str, old: &str, new: &str) -> String {
    format!("{what}: old {old}, new {new}")
}

fn shown(flag: &str, value: Option<&Value>) -> String {
    match (flag, value) {
        (WRITE_ORDER, Some(Value::Bool(true))) => "true (Ordered Writes)".to_owned(),
        (WRITE_ORDER, Some(Value::Bool(false))) => "false (Merged Writes)".to_owned(),
        (_, Some(value)) => value.to_string(),
        (_, None) => "not told".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::healthy_with_new_pair;

    #[test]
    fn every_flag_logging_and_the_api_version_are_compared() {
        let snapshot = healthy_with_new_pair();
        let old = snapshot.connection;
        let mut new = snapshot.new.connection.unwrap();
        assert!(differences(&old, &new).is_empty());
        new.features["poll_db_no_merge"] = Value::Bool(false);
        new.features.insert("brand_new".into(), Value::Bool(true));
        new.features.shift_remove("rest_count_only");
        new.logplex_log_enabled = None;
        new.sf_info.api_version = Some("65.0".into());
        assert_eq!(
            differences(&old, &new),
            [
                "feature brand_new: old not told, new true",
                "feature poll_db_no_merge: old true (Ordered Writes), new false (Merged Writes)",
                "feature rest_count_only: old false, new not told",
                "application logging: old off, new not told",
                "Salesforce API version: old 64.0, new 65.0",
            ]
        );
    }
}
